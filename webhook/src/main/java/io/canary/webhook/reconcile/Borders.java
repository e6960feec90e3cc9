// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.Elsewhere;
import io.canary.domain.app.Outward;
import io.canary.domain.app.RouteFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What crosses the borders of namespaces: rules that decide over Services of another one, and who claims which host.
/// Kept as objects come and go, so that the view of one namespace need not look at all others. Guarded by the lock of
/// its [ClusterCache].
final class Borders {
    private final Map<String, Map<String, List<Elsewhere>>> elsewhere = new HashMap<>(); // namespace -> object
    private final Map<String, Set<Outward.Claim>> claims = new HashMap<>(); // by host

    /// Takes in what one object does to Services now; returns the namespaces that it concerns or did before.
    ///
    /// @param object unique, as `VirtualService shop/order`
    Set<String> put(
            String object,
            @Nullable Map<String, List<Elsewhere>> before,
            @Nullable Map<String, List<Elsewhere>> after) {
        Set<String> concerned = new HashSet<>();
        if (before != null) {
            before.keySet().forEach(namespace -> {
                Map<String, List<Elsewhere>> rules = elsewhere.get(namespace);
                if (rules != null && rules.remove(object) != null && rules.isEmpty()) {
                    elsewhere.remove(namespace);
                }
            });
            concerned.addAll(before.keySet());
        }
        if (after != null) {
            after.forEach((namespace, rules) ->
                    elsewhere.computeIfAbsent(namespace, _ -> new TreeMap<>()).put(object, rules));
            concerned.addAll(after.keySet());
        }
        return concerned;
    }

    /// Takes in what a route claims; returns the hosts that it has now or had before.
    Set<String> claim(String namespace, RouteFacts.@Nullable Named before, RouteFacts.@Nullable Named after) {
        Set<String> hosts = new HashSet<>();
        if (before != null) {
            Outward.Claim old = claim(namespace, before);
            before.outward().hostnames().forEach(host -> {
                Set<Outward.Claim> by = claims.get(host);
                if (by != null && by.remove(old) && by.isEmpty()) {
                    claims.remove(host);
                }
            });
            hosts.addAll(before.outward().hostnames());
        }
        if (after != null) {
            Outward.Claim now = claim(namespace, after);
            after.outward()
                    .hostnames()
                    .forEach(host ->
                            claims.computeIfAbsent(host, _ -> new HashSet<>()).add(now));
            hosts.addAll(after.outward().hostnames());
        }
        return hosts;
    }

    private static Outward.Claim claim(String namespace, RouteFacts.Named route) {
        String app = route.app();
        return new Outward.Claim(namespace, route.route().title(), app == null ? "" : app);
    }

    /// What decides over traffic to Services of `namespace`.
    List<Elsewhere> in(String namespace) {
        List<Elsewhere> all = new ArrayList<>();
        elsewhere.getOrDefault(namespace, Map.of()).values().forEach(all::addAll);
        return all;
    }

    /// Who has these hosts.
    Map<String, Set<Outward.Claim>> of(Set<String> hosts) {
        Map<String, Set<Outward.Claim>> all = new HashMap<>();
        hosts.forEach(host -> {
            Set<Outward.Claim> by = claims.get(host);
            if (by != null) {
                all.put(host, Set.copyOf(by));
            }
        });
        return all;
    }

    /// What a route does to Services of other namespaces.
    static @Nullable Map<String, List<Elsewhere>> abroad(String namespace, RouteFacts.@Nullable Named route) {
        if (route == null) {
            return null;
        }
        Map<String, List<Elsewhere>> all = new HashMap<>();
        add(all, namespace, route, Elsewhere.Effect.FORWARDS, route.outward().forwards());
        add(all, namespace, route, Elsewhere.Effect.CONSUMES, route.outward().consumes());
        return all;
    }

    private static void add(
            Map<String, List<Elsewhere>> all,
            String namespace,
            RouteFacts.Named route,
            Elsewhere.Effect effect,
            Map<String, Set<String>> services) {
        services.forEach((target, names) -> all.computeIfAbsent(target, _ -> new ArrayList<>())
                .add(new Elsewhere(
                        effect,
                        route.route().kind().text(),
                        namespace,
                        route.route().name(),
                        names)));
    }
}
