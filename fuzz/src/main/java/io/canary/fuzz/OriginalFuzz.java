// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import io.canary.domain.route.Backends;
import io.canary.domain.route.ManagedRoute;
import io.canary.domain.route.Original;
import io.canary.domain.route.RouteLimits;
import io.canary.domain.route.Split;
import io.canary.webhook.json.OriginalText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `canary.io/original`, whatever it says: splitting a route again changes nothing, and restoring it ends.
///
/// An input is the annotation's text, a zero byte, and the route's `spec` as JSON; without one, a route
/// that is split.
public final class OriginalFuzz {
    private static final String SPLIT = """
            {"parentRefs": [{"kind": "Gateway", "name": "public"}], "rules": [
             {"backendRefs": [{"name": "order-v1", "port": 80, "weight": 90}, {"name": "order-v2", "port": 80,
             "weight": 10}]}, {"matches": [{"path": {"type": "Exact", "value": "/x"}}],
             "backendRefs": [{"name": "order", "port": 80}, {"name": "other", "port": 81, "weight": 3}]}]}
            """;
    private static final Split WISH = new Split(
            "shop",
            "order",
            List.of(Split.Part.of("v1", "order-v1", 7_500), Split.Part.of("v2", "order-v2", 2_500)),
            null);

    private OriginalFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        int zero = 0;
        while (zero < input.length && input[zero] != 0) {
            zero++;
        }
        JsonObject read = OriginalText.read(new String(input, 0, zero, UTF_8));
        JsonObject spec = OriginalText.read(
                zero + 1 < input.length ? new String(input, zero + 1, input.length - zero - 1, UTF_8) : SPLIT);
        if (!isFinite(spec.fields())) {
            return; // the API server refuses it, and so does whoever reads a review
        }
        Original original = Original.of(read);
        Original again = Original.of(OriginalText.read(original.text()));
        Promise.kept(
                original.text().length() > Original.LARGEST || again.text().equals(original.text()),
                () -> "written " + original.text() + ", read " + again.text());
        for (RouteKind kind : RouteKind.values()) {
            split(kind, spec, original);
        }
        ManagedRoute.restore(spec, original, new Backends("shop", "order", Set.of("order-v1"), Set.of()));
    }

    private static boolean isFinite(Object tree) {
        return switch (tree) {
            case Map<?, ?> map -> map.values().stream().allMatch(value -> value == null || isFinite(value));
            case List<?> list -> list.stream().allMatch(value -> value == null || isFinite(value));
            case Double number -> Double.isFinite(number);
            default -> true;
        };
    }

    private static void split(RouteKind kind, JsonObject spec, Original original) {
        ManagedRoute.measure(kind, spec, original, WISH, RouteLimits.OLDEST);
        switch (ManagedRoute.split(kind, spec, original, WISH, RouteLimits.CURRENT)) {
            case ManagedRoute.Changed changed -> {
                Map<String, Object> after = new LinkedHashMap<>();
                spec.fields().forEach((key, value) -> after.put(String.valueOf(key), value));
                after.put("rules", changed.rules());
                ManagedRoute.Outcome second =
                        ManagedRoute.split(kind, new JsonObject(after), changed.original(), WISH, RouteLimits.CURRENT);
                Promise.kept(
                        !(second instanceof ManagedRoute.Changed),
                        () -> "split again: " + changed + " became " + second);
            }
            case ManagedRoute.Outcome _ -> {}
        }
    }
}
