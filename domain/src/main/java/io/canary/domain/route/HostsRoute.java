// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Fingerprint;
import io.canary.domain.app.Names;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.UserRoute;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A route of ours for the canary domains of one version (design section 7), beside one managed route at a Gateway:
/// on the same Gateways, with the same matches and filters, everything to the version and into its lane.
///
/// What the managed route sends elsewhere is not repeated: on a canary domain there is the app and nothing else.
///
/// @param name `<app>-<version>-at-<managed route>`: one for each of them, whose rules and Gateways may differ
/// @param spec of a route of the managed route's kind
public record HostsRoute(String name, Map<String, Object> spec) {
    private static final int LONGEST_NAME = 253;

    /// The route for `part` beside `managed`; empty where that has no Gateway, or nothing that goes to the root.
    public static Optional<HostsRoute> of(UserRoute managed, Split wish, Split.Part part, Hosts hosts) {
        return of(
                managed.kind(),
                managed.name(),
                ManagedRoute.spec(managed),
                ManagedRoute.original(managed),
                wish,
                part,
                hosts);
    }

    /// The route for `part`; empty where the managed one has no Gateway, or nothing that goes to the root.
    ///
    /// @param managed its name
    /// @param managedSpec its `spec`, split or not
    public static Optional<HostsRoute> of(
            RouteKind kind,
            String managed,
            JsonObject managedSpec,
            Original original,
            Split wish,
            Split.Part part,
            Hosts hosts) {
        List<Object> gateways = managedSpec.objects("parentRefs").stream()
                .filter(parent -> !parent.text("kind").equals("Service"))
                .<Object>map(JsonObject::fields)
                .toList();
        Entries entries = new Entries(kind, wish, RouteLimits.CURRENT, true);
        List<Object> rules = new ArrayList<>();
        List<Object> restored = Restoring.rules(managedSpec, original.of(wish.root()), wish.backends());
        Targets targets = Targets.of(wish.backends(), restored);
        for (Object each : restored) {
            Map<String, Object> rule = Trees.copy(JsonObject.of(each).fields());
            targets.first(rule)
                    .map(like -> entries.toVersion(rule, like, part, 1))
                    .ifPresent(rules::add);
        }
        if (gateways.isEmpty() || rules.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("parentRefs", gateways);
        spec.put("hostnames", hosts.names());
        spec.put("rules", rules);
        return Optional.of(new HostsRoute(name(wish.root(), part.version(), managed), spec));
    }

    /// The route of `version` beside the managed route of this name.
    public static String name(String app, String version, String managed) {
        String name = Names.versionService(app, version) + UserRoute.BESIDE + managed;
        return name.length() <= LONGEST_NAME
                ? name
                : name.substring(0, LONGEST_NAME - 17).replaceAll("[-.]+$", "") + "-" + Fingerprint.of(name);
    }
}
