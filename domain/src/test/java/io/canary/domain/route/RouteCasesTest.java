// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A folder is a case: `route.yaml` split as `wish.yaml` says is `split.yaml`, and that restored is `restored.yaml`.
/// Where there is `edited.yaml`, someone made that of the split: split again it is `again.yaml`, and that is restored.
/// A wish that cannot be carried says why in `refused.txt`. `CANARY_WRITE_GOLDEN=true` writes what comes out.
class RouteCasesTest {
    private static final Path CASES = Path.of("src/test/resources/routes");
    private static final boolean WRITE = "true".equals(System.getenv("CANARY_WRITE_GOLDEN"));

    static List<String> cases() throws IOException {
        try (Stream<Path> folders = Files.list(CASES)) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void thereAreManyCases() throws IOException {
        assertThat(cases()).hasSizeGreaterThanOrEqualTo(40);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isSplitAndRestored(String name) throws IOException {
        Path folder = CASES.resolve(name);
        JsonObject route = read(folder, "route.yaml");
        JsonObject wish = read(folder, "wish.yaml");
        Map<String, Object> split = split(folder, route, wish);
        if (split.isEmpty()) {
            return;
        }
        compare(folder, "split.yaml", Wishes.text(split));
        boolean edited = Files.exists(folder.resolve("edited.yaml"));
        if (edited) {
            split = split(folder, read(folder, "edited.yaml"), wish);
            compare(folder, "again.yaml", Wishes.text(split));
        }
        Map<String, Object> restored = restored(new JsonObject(split), wish);
        compare(folder, "restored.yaml", Wishes.text(restored));
        if (!edited && !Original.of(original(route)).isEmpty()) {
            return;
        }
        if (!edited && !name.startsWith("a-backup")) {
            assertThat(Trees.same(restored.get("spec"), route.fields().get("spec")))
                    .describedAs("restored is not what it was")
                    .isTrue();
        }
    }

    /// The route as it is after, with what is kept of it; empty where the wish is refused.
    private static Map<String, Object> split(Path folder, JsonObject route, JsonObject wish) throws IOException {
        Split split = Wishes.split(wish);
        Original original = Original.of(original(route));
        RouteKind kind = kind(route);
        ManagedRoute.Outcome outcome =
                ManagedRoute.split(kind, route.object("spec"), original, split, Wishes.limits(wish));
        return switch (outcome) {
            case ManagedRoute.Changed(List<Object> rules, Original kept, List<String> cautions) -> {
                Map<String, Object> after = after(route, rules, kept, cautions);
                assertThat(ManagedRoute.split(
                                kind, new JsonObject(after).object("spec"), kept, split, Wishes.limits(wish)))
                        .isEqualTo(
                                kept.isEmpty()
                                        ? new ManagedRoute.NothingToSplit()
                                        : new ManagedRoute.Unchanged(cautions));
                yield after;
            }
            case ManagedRoute.Unchanged _ -> Trees.copy(route.fields());
            case ManagedRoute.NothingToSplit _ -> {
                compare(folder, "refused.txt", "nothing to split\n");
                yield Map.of();
            }
            case Refused refused -> {
                compare(
                        folder,
                        "refused.txt",
                        refused.limit() + ": " + refused.would() + " > " + refused.most() + ", fits " + refused.fits()
                                + "\n" + refused.message() + "\n");
                yield Map.of();
            }
        };
    }

    private static Map<String, Object> restored(JsonObject split, JsonObject wish) {
        ManagedRoute.Restored restored = ManagedRoute.restore(
                split.object("spec"),
                Original.of(original(split)),
                Wishes.split(wish).backends());
        return after(split, restored.rules(), restored.original(), List.of());
    }

    private static Map<String, Object> after(
            JsonObject route, List<Object> rules, Original original, List<String> cautions) {
        Map<String, Object> after = Trees.copy(route.fields());
        after.remove("original");
        after.remove("cautions");
        Map<String, Object> spec = Trees.copy(route.object("spec").fields());
        spec.put("rules", rules);
        after.put("spec", spec);
        if (!original.isEmpty()) {
            after.put("original", original.json());
        }
        if (!cautions.isEmpty()) {
            after.put("cautions", cautions);
        }
        return new LinkedHashMap<>(after);
    }

    private static JsonObject original(JsonObject route) {
        return route.object("original");
    }

    private static RouteKind kind(JsonObject route) {
        return route.text("kind").equals("GRPCRoute") ? RouteKind.GRPC : RouteKind.HTTP;
    }

    private static JsonObject read(Path folder, String file) throws IOException {
        return Wishes.yaml(Files.readString(folder.resolve(file)));
    }

    private static void compare(Path folder, String file, String text) throws IOException {
        if (WRITE) {
            Files.writeString(folder.resolve(file), text);
        }
        assertThat(text).isEqualTo(Files.readString(folder.resolve(file)));
    }
}
