// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.json.JsonObject;
import io.canary.domain.json.ReleaseJson;
import io.canary.kubectl.cli.AppName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// One namespace as one call of kubectl answered it.
///
/// @param view as the domain sees it; parts that were not asked for are empty
/// @param objects the whole objects by `kind/name`
public record Snapshot(NamespaceView view, Map<String, JsonObject> objects) {

    /// What `kubectl get A,B,C -o json` printed.
    ///
    /// @param kinds what was asked for: a kind of routes among them is served
    public static Snapshot of(String json, String kinds) {
        return of(items(json), kinds);
    }

    /// The same of several namespaces, each by itself.
    public static Map<String, Snapshot> byNamespace(String json, String kinds) {
        Map<String, List<JsonObject>> items = new TreeMap<>();
        items(json)
                .forEach(item -> items.computeIfAbsent(KubeJson.namespace(item), _ -> new ArrayList<>())
                        .add(item));
        Map<String, Snapshot> snapshots = new TreeMap<>();
        items.forEach((namespace, of) -> snapshots.put(namespace, of(of, kinds)));
        return snapshots;
    }

    private static List<JsonObject> items(String json) {
        JsonObject all = JsonObject.of(Json.read(json));
        return all.text("kind").equals("List") ? all.objects("items") : List.of(all);
    }

    /// The objects of one namespace.
    public static Snapshot of(List<JsonObject> items, String kinds) {
        List<DeploymentFacts> deployments = new ArrayList<>();
        List<ServiceFacts> services = new ArrayList<>();
        List<RouteFacts.Named> routes = new ArrayList<>();
        Map<String, Set<String>> endpoints = new HashMap<>();
        Map<String, Version.Autoscaler> autoscalers = new HashMap<>();
        Map<String, Release> releases = new HashMap<>();
        Map<String, JsonObject> objects = new HashMap<>();
        String namespace = "";
        for (JsonObject item : items) {
            String kind = item.text("kind");
            namespace = KubeJson.namespace(item);
            objects.put(kind + "/" + KubeJson.name(item), item);
            switch (kind) {
                case "Deployment" -> deployments.add(KubeJson.deployment(item));
                case "Service" -> services.add(KubeJson.service(item));
                case "HTTPRoute", "GRPCRoute" -> routes.add(KubeJson.route(RouteKind.of(kind), item));
                case "Release" -> releases.put(KubeJson.name(item), ReleaseJson.read(item.object("status")));
                case "EndpointSlice" -> {
                    Map.Entry<String, Set<String>> entry = KubeJson.endpoints(item);
                    endpoints
                            .computeIfAbsent(entry.getKey(), _ -> new HashSet<>())
                            .addAll(entry.getValue());
                }
                case "HorizontalPodAutoscaler" -> {
                    Map.Entry<String, Version.Autoscaler> entry = KubeJson.autoscaler(item);
                    if (entry != null) {
                        autoscalers.put(entry.getKey(), entry.getValue());
                    }
                }
                default -> {}
            }
        }
        Map<RouteKind, String> served = new EnumMap<>(RouteKind.class);
        for (RouteKind kind : RouteKind.values()) {
            if (kinds.contains(kind.definition())) {
                served.put(kind, "");
            }
        }
        return new Snapshot(
                new NamespaceView(
                        namespace,
                        deployments,
                        services,
                        routes,
                        endpoints,
                        autoscalers,
                        releases,
                        served,
                        List.of(),
                        Map.of()),
                objects);
    }

    /// The names of apps that `typed` may mean: an app's own, or a Deployment's.
    public Set<String> apps(AppName typed) {
        String plain = typed.name();
        Set<String> found = new TreeSet<>();
        boolean app = view.services().stream().anyMatch(s -> s.name().equals(plain) && s.rootLike())
                || view.releases().containsKey(plain);
        if (typed.kind() != AppName.Kind.DEPLOYMENT && app) {
            found.add(plain);
        }
        if (typed.kind() == AppName.Kind.SERVICE) {
            return found;
        }
        view.deployments().stream().filter(d -> d.name().equals(plain)).forEach(d -> {
            String of = view.appOf(d);
            if (of != null) {
                found.add(of);
            }
        });
        return found;
    }

    /// A whole object, empty where it is not there.
    public JsonObject object(String kind, String name) {
        return objects.getOrDefault(kind + "/" + name, JsonObject.EMPTY);
    }

    /// The resourceVersion of an object, empty where it is not there.
    public String version(String kind, String name) {
        return object(kind, name).object("metadata").text("resourceVersion");
    }
}
