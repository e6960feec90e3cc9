// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.json.JsonObject;
import io.canary.domain.route.AppSplit;
import io.canary.domain.route.Hosts;
import io.canary.domain.route.HostsRoute;
import io.canary.domain.route.Split;
import io.canary.domain.share.Shares;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Our routes for canary domains: one beside each managed route at a Gateway, for each version with hosts (design
/// section 7). They stay while a version has no endpoints: its address must not silently show another (design 5.5).
final class HostRoutes {
    private final App app;
    private final Map<String, String> held;
    private final List<String> waits = new ArrayList<>();

    /// @param held why policies let a version's hosts lead nowhere new, by version
    HostRoutes(App app, Map<String, String> held) {
        this.app = app;
        this.held = held;
    }

    /// Sentences on hosts that lead nowhere yet.
    List<String> waits() {
        return waits;
    }

    /// What is to be made, mended and deleted.
    ///
    /// @param shares in force, of which versions have one
    List<Step> steps(Shares shares, boolean handBack) {
        Map<String, Step.EnsureHosts> wanted = new LinkedHashMap<>();
        if (!handBack && !shares.isNone()) {
            claims().forEach((version, hosts) -> wanted(version, hosts, shares, wanted));
        }
        List<Step> steps = new ArrayList<>();
        for (UserRoute present : app.hostRoutes()) {
            Step.EnsureHosts step = wanted.get(present.name());
            if (step == null && !handBack && stillClaimed(present)) {
                continue;
            }
            if (step == null) {
                steps.add(new Step.Delete(
                        Step.Delete.Kind.of(present.kind()),
                        present.name(),
                        "no version of " + app.name() + " has these hosts"));
            } else if (present.spec().equals(step.spec())) {
                wanted.remove(present.name());
            }
        }
        steps.addAll(wanted.values());
        return steps;
    }

    /// The hosts of each version, without those that an older version has.
    private Map<Version, Hosts> claims() {
        Map<Version, Hosts> claims = new LinkedHashMap<>();
        Set<String> taken = new TreeSet<>();
        List<Version> oldestFirst = app.versions().reversed();
        for (Version version : oldestFirst) {
            String text = version.get(CanaryKey.HOSTS);
            Hosts hosts = text == null ? null : Hosts.read(text).read().orElse(null);
            if (hosts == null || !app.named(version)) {
                continue;
            }
            List<String> free = hosts.names().stream()
                    .filter(name -> !app.claimed().containsKey(name) || served(name))
                    .filter(taken::add)
                    .toList();
            hosts.names().stream().filter(name -> !free.contains(name)).forEach(name -> {
                String by = app.claimed().get(name);
                waits.add("host " + name + " of " + version.name() + " is "
                        + (by == null ? "another version's" : "claimed by " + by));
            });
            if (!free.isEmpty()) {
                claims.put(version, new Hosts(free));
            }
        }
        return claims;
    }

    /// Whether a route of ours leads to the version already: what stands is left alone.
    private boolean stands(Version version) {
        return app.hostRoutes().stream().anyMatch(route -> route.backends().contains(app.serviceOf(version.name())));
    }

    /// Whether a route of ours has the host already: then the other's is the younger claim.
    private boolean served(String host) {
        return app.hostRoutes().stream()
                .anyMatch(
                        route -> new JsonObject(route.spec()).texts("hostnames").contains(host));
    }

    /// Whether its version still has hosts, and the managed route beside it stands: what is missing, its Service maybe,
    /// comes back, and meanwhile the address of a version must not show another.
    private boolean stillClaimed(UserRoute present) {
        return app.versions().stream()
                .filter(version -> version.get(CanaryKey.HOSTS) != null)
                .anyMatch(version -> gateways().stream()
                        .anyMatch(route ->
                                present.name().equals(HostsRoute.name(app.name(), version.name(), route.name()))));
    }

    /// The managed routes beside which ours stand.
    private List<UserRoute> gateways() {
        return app.userRoutes().stream()
                .filter(route -> route.managed() && route.atGateway())
                .sorted(Comparator.comparing(UserRoute::name))
                .toList();
    }

    private void wanted(Version version, Hosts hosts, Shares shares, Map<String, Step.EnsureHosts> wanted) {
        List<UserRoute> gateways = gateways();
        String all = String.join(", ", hosts.names());
        if (gateways.isEmpty()) {
            waits.add("hosts of " + version.name() + " (" + all
                    + ") wait for a Gateway route: annotate one with canary.io/managed=true");
            return;
        }
        if (!version.labelled() || !VersionServices.usable(app, version)) {
            return; // its Service is being made
        }
        String why = held.get(version.name());
        if (why != null && !stands(version)) {
            waits.add("hosts of " + version.name() + " (" + all + ") wait: " + why);
            return;
        }
        Split wish = AppSplit.of(app, shares, _ -> true);
        Split.Part part = wish.parts().stream()
                .filter(p -> p.version().equals(version.name()))
                .findFirst()
                .orElseThrow();
        for (UserRoute route : gateways) {
            String name = HostsRoute.name(app.name(), version.name(), route.name());
            if (app.isTaken(route.kind(), name)) {
                waits.add("hosts of " + version.name() + " (" + all + ") wait: "
                        + route.kind().text() + "/" + name + " is not ours; rename it");
                continue;
            }
            HostsRoute.of(route, wish, part, hosts)
                    .ifPresent(made -> wanted.put(
                            made.name(),
                            new Step.EnsureHosts(
                                    app.name(),
                                    route.kind(),
                                    made.name(),
                                    made.spec(),
                                    all + " lead to " + version.name())));
        }
    }

    /// The Services that they name: none of them may go.
    static Set<String> referred(App app) {
        Set<String> referred = new TreeSet<>();
        app.hostRoutes().forEach(route -> referred.addAll(route.backends()));
        return referred;
    }
}
