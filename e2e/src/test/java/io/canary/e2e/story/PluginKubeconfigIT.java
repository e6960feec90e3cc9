// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.testbed.CommandResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever kubectl can reach the plugin can, by kubectl itself (cli.md section 1).
@ReleaseStory
class PluginKubeconfigIT {
    @TempDir
    Path folder;

    private Path served(Story story) throws IOException {
        story.serve(Map.of("canary.io/stable", "v1"), Workload.of("order", "v1", 1));
        story.awaitRelease("order", "v1 is stable", release -> "v1".equals(release.stable()));
        Path own = Files.copy(story.cluster().controlPlane().adminKubeconfig(), folder.resolve("own"));
        config(
                story,
                own,
                "set-context",
                "testbed",
                "--namespace=" + story.cluster().namespace());
        config(story, own, "set-cluster", "nowhere", "--server=https://127.0.0.1:1");
        config(story, own, "set-context", "nowhere", "--cluster=nowhere", "--user=admin");
        return own;
    }

    private static void config(Story story, Path file, String... words) {
        String[] line = new String[words.length + 2];
        line[0] = "config";
        line[1] = "--kubeconfig=" + file;
        System.arraycopy(words, 0, line, 2, words.length);
        story.kubectl(line);
    }

    private static CommandResult run(Story story, String kubeconfig, String... words) {
        return story.plugin().with(Map.of("KUBECONFIG", kubeconfig)).run(words);
    }

    @Test
    void contextFileAndNamespaceAreKubectls(Story story) throws IOException {
        Path own = served(story);
        String shown = "order  " + story.cluster().namespace() + "  ";

        assertThat(run(story, own.toString(), "status", "order").stdout()).startsWith(shown);
        assertThat(run(story, own.toString(), "status", "order", "--context=testbed")
                        .stdout())
                .startsWith(shown);
        assertThat(run(story, "/nonexistent", "status", "order", "--kubeconfig", own.toString())
                        .stdout())
                .startsWith(shown);
        assertThat(run(story, "/nonexistent:" + own, "status", "order").stdout())
                .startsWith(shown);
        // other words may stand before the verb's
        assertThat(run(story, own.toString(), "--context=testbed", "status", "order")
                        .stdout())
                .startsWith(shown);
        CommandResult elsewhere = run(story, own.toString(), "status", "order", "-n", "default");
        assertThat(elsewhere.exitCode()).isEqualTo(1);
        assertThat(elsewhere.stderr()).startsWith("error: no app \"order\" here");
        // an edit writes where the context says
        assertThat(run(story, own.toString(), "pause", "order").succeeded()).isTrue();
        assertThat(story.service("order").getMetadata().getAnnotations()).containsKey("canary.io/paused");
    }

    @Test
    void anUnknownContextIsOneLine(Story story) throws IOException {
        CommandResult result = run(story, served(story).toString(), "status", "order", "--context=prod");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.stderr())
                .isEqualTo("Error in configuration: context was not found for specified context: prod\n");
        assertThat(result.stdout()).isEmpty();
    }

    @Test
    void aClusterThatCannotBeReachedIsOneErrorWithoutAStackTrace(Story story) throws IOException {
        String own = served(story).toString();
        for (List<String> words : List.of(
                List.of("status", "order"),
                List.of("promote", "order"),
                List.of("status", "order", "-w"),
                List.of("check"),
                List.of("wait", "order", "--for=phase=Stable"))) {
            CommandResult result = story.plugin()
                    .with(Map.of("KUBECONFIG", own))
                    .run(
                            "",
                            java.util.stream.Stream.concat(
                                            words.stream(), java.util.stream.Stream.of("--context=nowhere"))
                                    .toList());
            assertThat(result.exitCode()).as(words + result.stderr()).isEqualTo(1);
            assertThat(result.stderr().lines().filter(line -> !line.startsWith("hint: ")))
                    .as(words + result.stderr())
                    .singleElement()
                    .asString()
                    .contains("127.0.0.1:1");
            assertThat(result.stdout()).isEmpty();
        }
    }

    @Test
    void impersonationIsPassedOnAndARightThatIsMissingNamed(Story story) throws IOException {
        CommandResult result = run(story, served(story).toString(), "status", "order", "--as=alice");
        assertThat(result.exitCode()).isEqualTo(4);
        assertThat(result.stderr())
                .contains("User \"alice\" cannot get resource \"releases\"")
                .doesNotContain("\tat ");
    }

    /// What a credential plugin says is seen while it waits, and is no part of the data.
    @Test
    void aCredentialPluginMaySpeak(Story story) throws IOException {
        Path own = served(story);
        Path admin = story.cluster().controlPlane().adminKubeconfig();
        String certificate = field(admin, "client-certificate-data");
        String key = field(admin, "client-key-data");
        Path credential = Files.writeString(folder.resolve("credential"), """
                {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                 "status": {"clientCertificateData": "%s", "clientKeyData": "%s"}}
                """.formatted(certificate, key));
        // In a folder of its own: kubectl would keep it as a mere name, and look for that on PATH.
        Path login = Files.writeString(
                Files.createDirectories(folder.resolve("sso")).resolve("login"),
                "#!/bin/sh\necho 'Open https://login.example and enter ABC-123' >&2\nexec cat " + credential + "\n");
        assertThat(login.toFile().setExecutable(true)).isTrue();
        config(
                story,
                own,
                "set-credentials",
                "login",
                "--exec-command=" + login,
                "--exec-api-version=client.authentication.k8s.io/v1",
                "--exec-interactive-mode=Never");
        config(story, own, "set-context", "testbed", "--user=login");

        CommandResult status = run(story, own.toString(), "status", "order");
        assertThat(status.stderr()).isEqualTo("Open https://login.example and enter ABC-123\n");
        assertThat(status.stdout()).startsWith("order  " + story.cluster().namespace());
        CommandResult edit = run(story, own.toString(), "pause", "order");
        assertThat(edit.stdout()).isEqualTo("service/order canary.io/paused=kubectl canary pause\n");
    }

    private static String field(Path kubeconfig, String name) throws IOException {
        return Files.readString(kubeconfig)
                .lines()
                .filter(line -> line.contains(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .map(data -> new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8).replace("\n", "\\n"))
                .findFirst()
                .orElseThrow();
    }
}
