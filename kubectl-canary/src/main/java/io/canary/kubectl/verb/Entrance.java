// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.App;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.UserRoute;
import io.canary.domain.json.JsonObject;
import io.canary.kubectl.cluster.Snapshot;
import io.canary.kubectl.http.Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A way into the cluster that leads to an app: a route that sends to its root Service, and a Gateway that is its
/// parent.
///
/// @param hostnames of the route
/// @param section the listener that is meant, or empty for any
/// @param port that is meant, or 0 for any
record Entrance(UserRoute route, List<String> hostnames, String namespace, String gateway, String section, int port) {
    Entrance {
        hostnames = List.copyOf(hostnames);
    }

    /// What a Gateway says of itself.
    sealed interface Open {
        /// @param hostname of its listener, or empty for any
        record At(Address address, String hostname) implements Open {}

        record Closed(String why) implements Open {}
    }

    /// The HTTPRoutes at Gateways that send traffic to the root Service; those that Canary splits come first.
    static List<Entrance> of(Snapshot snapshot, App app) {
        List<Entrance> all = new ArrayList<>();
        app.userRoutes().stream()
                .filter(route -> route.kind() == RouteKind.HTTP && route.atGateway() && route.concerns(app.name()))
                .sorted(Comparator.comparing((UserRoute route) -> !route.managed())
                        .thenComparing(UserRoute::name))
                .forEach(route -> all.addAll(
                        of(route, snapshot.object("HTTPRoute", route.name()).object("spec"), app.namespace())));
        return all;
    }

    private static List<Entrance> of(UserRoute route, JsonObject spec, String namespace) {
        return spec.objects("parentRefs").stream()
                .filter(ref -> (!ref.has("kind") || ref.text("kind").equals("Gateway"))
                        && (!ref.has("group") || ref.text("group").equals(RouteKind.GROUP)))
                .map(ref -> new Entrance(
                        route,
                        spec.texts("hostnames"),
                        ref.has("namespace") ? ref.text("namespace") : namespace,
                        ref.text("name"),
                        ref.text("sectionName"),
                        ref.count("port", 0)))
                .toList();
    }

    /// Where `gateway`, the object, listens for this route: by HTTP where it does, else by HTTPS.
    Open at(JsonObject gateway) {
        List<JsonObject> addresses = gateway.object("status").objects("addresses");
        Optional<JsonObject> listener = gateway.object("spec").objects("listeners").stream()
                .filter(each -> section.isEmpty() || each.text("name").equals(section))
                .filter(each -> port == 0 || each.count("port", 0) == port)
                .filter(each -> List.of("HTTP", "HTTPS").contains(each.text("protocol")))
                .min(Comparator.comparing((JsonObject each) -> each.text("protocol")));
        if (listener.isEmpty()) {
            return new Open.Closed("has no listener for HTTP");
        }
        if (addresses.isEmpty()) {
            return new Open.Closed("has no address in its status");
        }
        return new Open.At(
                new Address(
                        listener.get().text("protocol").equals("HTTPS"),
                        addresses.getFirst().text("value"),
                        listener.get().count("port", 0),
                        ""),
                listener.get().text("hostname"));
    }

    /// A host name that the route takes; empty where it takes any. Of `*.shop.example` a name is made that nobody else
    /// should have.
    ///
    /// @param listener the host name of the listener, or empty
    String host(String listener) {
        String pattern = hostnames.isEmpty() ? listener : hostnames.getFirst();
        return pattern.startsWith("*.") ? "canary-verify" + pattern.substring(1) : pattern;
    }

    String name() {
        return namespace + "/" + gateway;
    }
}
