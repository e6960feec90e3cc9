// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.product.Plugin;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// The real archive, unpacked as krew does it, and the traps of an installed Java program (cli.md sections 8 and 9).
@Execution(ExecutionMode.SAME_THREAD)
class PluginArchiveIT {
    private static final Path TARGET = Plugin.folder().resolveSibling("");
    private static final long MOST = 35L * 1024 * 1024;

    @TempDir
    static Path installed;

    private static Path home;
    /// The launcher answers `version --client` by itself; with another flag the JVM does.
    private static final String JVM = "--color=never";

    private static String version;

    /// Into a folder with a space, file times not restored.
    @BeforeAll
    static void unpack() throws IOException {
        home = Files.createDirectories(installed.resolve("kube ctl/store/canary"));
        ok(new Command("tar", "-xmzf", archive().toString(), "-C", home.toString()));
        Files.createDirectories(bin());
        Files.createSymbolicLink(bin().resolve("kubectl-canary"), Path.of("../store/canary/bin/kubectl-canary"));
        version = ok(plugin(Map.of(), "version", "--client", JVM)).stdout();
    }

    private static Path bin() {
        return installed.resolve("kube ctl/bin");
    }

    private static Path archive() throws IOException {
        try (Stream<Path> files = Files.list(TARGET)) {
            return files.filter(file -> file.toString().endsWith(".tar.gz"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static CommandResult ok(Command command) {
        return command.run().orThrow();
    }

    /// The plugin through its symlink, with a stand-in for kubectl.
    private static Command plugin(Map<String, String> more, String... words) {
        Map<String, String> environment = new HashMap<>();
        environment.put("KUBECTL", standIn("kubectl").toString());
        environment.put("LC_ALL", "C.UTF-8");
        environment.putAll(more);
        return new Command(
                Stream.concat(Stream.of(bin().resolve("kubectl-canary").toString()), Stream.of(words))
                        .toList(),
                environment,
                "");
    }

    private static Path standIn(String file) {
        return InstalledProduct.root().resolve("kubectl-canary/dist/rehearsal").resolve(file);
    }

    @Test
    void krewTakesIt() throws IOException {
        List<String> entries = ok(new Command("tar", "-tvzf", archive().toString()))
                .stdout()
                .lines()
                .toList();
        assertThat(entries).isNotEmpty().allSatisfy(entry -> {
            assertThat(entry.charAt(0)).as("no links: %s", entry).isIn('-', 'd');
            assertThat(entry).doesNotContain("..").doesNotContain(" /");
        });
        assertThat(Files.size(archive())).isLessThanOrEqualTo(MOST);
        assertThat(home.resolve("LICENSE")).exists();
        assertThat(home.resolve("man/man1/kubectl-canary.1")).exists();
        assertThat(home.resolve("bin/kubectl-canary")).isExecutable();
        assertThat(home.resolve("bin/kubectl_complete-canary")).isExecutable();
    }

    @Test
    void krewsManifestIsOfThisArchive() throws IOException {
        String manifest = Files.readString(TARGET.resolve("canary.yaml"));
        String sum = ok(new Command("sha256sum", archive().toString())).stdout().split(" ", 2)[0];
        assertThat(manifest)
                .contains("apiVersion: krew.googlecontainertools.github.com/v1alpha2\n")
                .contains("kind: Plugin\n")
                .contains("  version: v" + version.strip().split(" +", 3)[1] + "\n")
                .contains("sha256: " + sum + "\n")
                .contains("bin: bin/kubectl-canary\n")
                .contains(archive().getFileName().toString())
                .doesNotContain("@");
        assertThat(manifest.lines().filter(line -> line.contains("shortDescription")))
                .hasSize(1);
    }

    @Test
    void runsThroughASymlinkFromAFolderWithASpace() {
        assertThat(version).startsWith("plugin:").hasLineCount(1);
        assertThat(plugin(Map.of(), "version", "--client", JVM).run().stderr()).isEmpty();
        // by its name on PATH, as kubectl starts it
        Command byName = new Command(
                List.of("sh", "-c", "cd / && kubectl-canary version --client " + JVM),
                Map.of("PATH", bin() + ":" + System.getenv("PATH")),
                "");
        assertThat(ok(byName).stdout()).isEqualTo(version);
    }

    @Test
    void theLauncherKnowsTheVersionWithoutAJvm() {
        CommandResult result = ok(plugin(Map.of("CANARY_JAVA_OPTS", "--no-such-option"), "version", "--client"));
        assertThat(result.stdout()).isEqualTo(version).containsPattern(" \\([0-9a-f]{12}\\)\n$");
    }

    /// A locale without UTF-8 loses no letter of what is typed, and is kubectl's all the same.
    @Test
    void lettersPassThroughAnyLocale() {
        Command typed = new Command(
                List.of(bin() + "/kubectl-canary", "status", "pr\u00fcfung"),
                Map.of("LC_ALL", "C", "PATH", System.getenv("PATH")),
                "");
        assertThat(typed.run().stderr()).contains("\"pr\\u00fcfung\" names no app");
    }

    /// With AOTMode=on a JVM that cannot use the cache does not start.
    @Test
    void theCacheIsUsedThoughFilesHaveOtherTimesAndAnotherPlace() {
        CommandResult result = ok(plugin(Map.of("CANARY_JAVA_OPTS", "-XX:AOTMode=on"), "version", "--client", JVM));
        assertThat(result.stdout()).isEqualTo(version);
    }

    @Test
    void aCacheThatDoesNotFitPrintsNothing() throws IOException {
        Path cache = home.resolve("lib/canary.aot");
        Path kept = home.resolve("lib/canary.aot.kept");
        Files.move(cache, kept);
        try {
            Files.write(cache, new byte[4096]);
            CommandResult broken = ok(plugin(Map.of(), "version", "--client", JVM));
            assertThat(broken.stdout()).isEqualTo(version);
            Files.delete(cache);
            CommandResult missing = ok(plugin(Map.of(), "version", "--client", JVM));
            assertThat(missing.stdout()).isEqualTo(version);
        } finally {
            Files.move(kept, cache, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void optionsForOtherJavaProgramsChangeNothingAndReachKubectl() throws IOException {
        Path kubectl = Files.writeString(
                installed.resolve("kubectl-env"), "#!/bin/sh\nprintf '%s' \"$JAVA_TOOL_OPTIONS\" >&2\nexit 1\n");
        assertThat(kubectl.toFile().setExecutable(true)).isTrue();
        Map<String, String> options =
                Map.of("JAVA_TOOL_OPTIONS", "-Xmx1k", "JDK_JAVA_OPTIONS", "--nonsense", "_JAVA_OPTIONS", "-Xmx2k");
        CommandResult result = ok(plugin(options, "version", "--client", JVM));
        assertThat(result.stdout()).isEqualTo(version);
        assertThat(result.stderr()).isEmpty();

        Map<String, String> more = new HashMap<>(options);
        more.put("KUBECTL", kubectl.toString());
        assertThat(plugin(more, "status", "order").run().stderr()).contains("-Xmx1k");
    }

    @Test
    void neitherAHomeNorAWritableFolderIsNeeded() {
        Map<String, String> none = Map.of("HOME", "/nonexistent", "XDG_CACHE_HOME", "/proc", "TMPDIR", "/proc");
        CommandResult result = ok(plugin(none, "status", "order"));
        assertThat(result.stdout()).startsWith("order  shop  Canary");
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void withoutKubectlItSaysSo() throws IOException {
        Path tools = Files.createDirectories(installed.resolve("tools"));
        for (String tool : List.of("sh", "readlink", "stty")) {
            Files.createSymbolicLink(
                    tools.resolve(tool),
                    Path.of(ok(new Command("which", tool)).stdout().strip()));
        }
        CommandResult result = new Command(
                        List.of(bin().resolve("kubectl-canary").toString(), "status", "order"),
                        Map.of("PATH", tools.toString(), "KUBECTL", ""),
                        "")
                .run();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.stderr()).startsWith("error: kubectl was not found on PATH\nhint: ");
        assertThat(result.stdout()).isEmpty();
    }

    /// Where no Java is, names are completed all the same.
    @Test
    void completionStartsNoJvm() throws IOException {
        Path java = home.resolve("runtime/bin/java");
        Path hidden = home.resolve("runtime/bin/java.hidden");
        Files.move(java, hidden);
        try {
            assertThat(completed("promote", "")).containsExactly("order\tCanary", ":4");
            assertThat(completed("pro")).hasSize(2).first().asString().startsWith("promote\t");
            assertThat(completed("promote", "--ver")).first().asString().startsWith("--version=\t");
            assertThat(completed("set", "")).hasSize(4);
            assertThat(completed("set", "weight", "")).containsExactly("order\tCanary", ":4");
        } finally {
            Files.move(hidden, java);
        }
    }

    private static List<String> completed(String... words) {
        Command shim = new Command(
                Stream.concat(
                                Stream.of(home.resolve("bin/kubectl_complete-canary")
                                        .toString()),
                                Stream.of(words))
                        .toList(),
                Map.of("KUBECTL", standIn("kubectl").toString()),
                "");
        return ok(shim).stdout().lines().toList();
    }
}
