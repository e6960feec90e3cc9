// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.view;

import io.canary.domain.app.App;
import io.canary.domain.app.Version;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What `status -o wide` adds: each pod with its image, each condition that a controller reports on a route.
public final class WideView {
    private static final Comparator<JsonObject> BY_NAME =
            Comparator.comparing(object -> object.object("metadata").text("name"));

    private WideView() {}

    /// @param objects whole objects by `kind/name`
    public static List<String> lines(Screen screen, App app, Map<String, JsonObject> objects) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.addAll(pods(screen, app, objects));
        Table conditions = new Table("ROUTE", "PARENT", "CONDITION", "STATUS", "REASON", "CONTROLLER");
        Set<String> shown = new HashSet<>();
        app.routes().forEach(route -> shown.add(route.kind().text() + "/" + route.name()));
        Stream.concat(app.userRoutes().stream(), app.hostRoutes().stream())
                .forEach(route -> shown.add(route.kind().text() + "/" + route.name()));
        objects.entrySet().stream()
                .filter(e -> shown.contains(e.getKey()))
                .map(Map.Entry::getValue)
                .sorted(BY_NAME)
                .forEach(route -> conditions(route, conditions));
        if (!conditions.isEmpty()) {
            lines.add("");
            lines.addAll(conditions.lines());
        }
        return lines;
    }

    private static List<String> pods(Screen screen, App app, Map<String, JsonObject> objects) {
        Table table = new Table("POD", "VERSION", "READY", "PHASE", "AGE", "IMAGE");
        List<JsonObject> pods = objects.entrySet().stream()
                .filter(e -> e.getKey().startsWith("Pod/"))
                .map(Map.Entry::getValue)
                .sorted(BY_NAME)
                .toList();
        for (Version version : app.versions()) {
            Map<String, String> selector = version.deployment().selector();
            for (JsonObject pod : pods) {
                JsonObject labels = pod.object("metadata").object("labels");
                if (selector.entrySet().stream()
                        .allMatch(e -> labels.text(e.getKey()).equals(e.getValue()))) {
                    boolean ready = pod.object("status").objects("conditions").stream()
                            .anyMatch(c -> c.text("type").equals("Ready")
                                    && c.text("status").equals("True"));
                    String images = pod.object("spec").objects("containers").stream()
                            .map(container -> container.text("image"))
                            .collect(Collectors.joining(", "));
                    var created = pod.object("metadata").instant("creationTimestamp");
                    table.add(
                            pod.object("metadata").text("name"),
                            version.name(),
                            ready ? "yes" : "no",
                            pod.object("metadata").has("deletionTimestamp")
                                    ? "Terminating"
                                    : pod.object("status").text("phase"),
                            created == null ? "" : screen.age(created),
                            images);
                }
            }
        }
        return table.isEmpty() ? List.of("no pods") : table.lines();
    }

    private static void conditions(JsonObject route, Table table) {
        for (JsonObject parent : route.object("status").objects("parents")) {
            JsonObject ref = parent.object("parentRef");
            String kind = ref.text("kind").isEmpty() ? "Gateway" : ref.text("kind");
            for (JsonObject condition : parent.objects("conditions")) {
                table.add(
                        route.object("metadata").text("name"),
                        kind + "/" + ref.text("name"),
                        condition.text("type"),
                        condition.text("status"),
                        condition.text("reason"),
                        parent.text("controllerName"));
            }
        }
    }
}
