// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.json.JsonObject;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.ControlPlane;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The image, made without Docker: small, the same each time, and the product runs from it and nothing else.
@ReleaseStory
@Tag("alone")
class ImageIT {
    private static final InstalledProduct PRODUCT = new InstalledProduct();
    private static final Path WEBHOOK = InstalledProduct.root().resolve("webhook");
    private static final long MOST_BYTES = 120_000_000;
    private static final Pattern BUILT = Pattern.compile("(?m)^(/.*\\.tar): (sha256:[0-9a-f]{64}), ");

    /// As a container runtime would: the folder is the root and cannot be written to, nobody's rights, the token.
    private static final String IN_ROOT = """
            root=$0 && mount --bind "$root" "$root" && mount -o remount,bind,ro "$root" &&
            mount -t proc proc "$root/proc" && mount --bind /run "$root/run" &&
            for device in null random urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done &&
            exec chroot --userspec=65532:65532 "$root" "$@\"""";

    /// What a build printed.
    private record Built(Path archive, String digest) {}

    private static Built build() {
        String said =
                new Command(WEBHOOK.resolve("image").toString()).run().orThrow().stdout();
        Matcher line = BUILT.matcher(said);
        assertThat(line.find()).as(said).isTrue();
        return new Built(Path.of(line.group(1)), line.group(2));
    }

    private static JsonObject json(Path file) throws IOException {
        return JsonObject.of(Serialization.unmarshal(Files.readString(file), Map.class));
    }

    private static Path blob(Path layout, String digest) {
        return layout.resolve("blobs").resolve(digest.replace(':', '/'));
    }

    /// Unpacks the layers in their order; tells the entry point.
    private static List<String> unpack(Built image, Path layout, Path root) throws IOException {
        new Command("tar", "-xf", image.archive().toString(), "-C", layout.toString())
                .run()
                .orThrow();
        JsonObject manifest = json(blob(layout, image.digest()));
        for (JsonObject layer : manifest.objects("layers")) {
            new Command("tar", "-xzf", blob(layout, layer.text("digest")).toString(), "-C", root.toString())
                    .run()
                    .orThrow();
        }
        return json(blob(layout, manifest.object("config").text("digest")))
                .object("config")
                .texts("Entrypoint");
    }

    @Test
    void theProductRunsFromTheImageAlone(ControlPlane cluster, @TempDir Path folder) throws IOException {
        Built image = build();
        assertThat(Files.size(image.archive())).isLessThan(MOST_BYTES);
        assertThat(build()).as("a second build").isEqualTo(image);

        Path root = Files.createDirectory(folder.resolve("root"));
        List<String> entrypoint = unpack(image, Files.createDirectory(folder.resolve("layout")), root);
        assertThat(root.resolve("bin")).doesNotExist();
        for (String place : List.of("proc", "run", "var", "dev")) {
            Files.createDirectories(root.resolve(place));
        }
        for (String device : List.of("null", "random", "urandom")) {
            Files.createFile(root.resolve("dev").resolve(device));
        }
        Files.createSymbolicLink(root.resolve("var/run"), Path.of("/run"));

        List<String> command = new java.util.ArrayList<>(List.of("sh", "-c", IN_ROOT, root.toString()));
        command.addAll(entrypoint);
        cluster.processes().provide("canary/webhook", command);
        try {
            PRODUCT.kill(cluster);
            PRODUCT.awaitReady(cluster);
            String pod = PRODUCT.pods(cluster).getFirst().getMetadata().getName();
            long pid = cluster.processes().pid(InstalledProduct.NAMESPACE, pod);
            assertThat(Path.of("/proc", Long.toString(pid), "root").toRealPath())
                    .isEqualTo(root.toRealPath());
            assertThat(Files.readString(Path.of("/proc", Long.toString(pid), "status")))
                    .containsPattern("Uid:\\s+65532\\s+65532");
        } finally {
            cluster.processes().provide("canary/webhook", InstalledProduct.command());
            PRODUCT.kill(cluster);
            PRODUCT.awaitReady(cluster);
        }
    }
}
