// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.Elsewhere;
import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.app.Release.Bypass.Reason;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.Version;
import io.canary.domain.route.Ports;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/// What the split of an app does not reach (design section 7), for the Release.
final class Bypasses {
    private Bypasses() {}

    /// @param counts whether a version takes part
    /// @param unreached users, hosts and routes that do not get what they ask for
    static List<Release.Bypass> of(Situation s, Predicate<Version> counts, List<Release.Bypass> unreached) {
        App app = s.app();
        List<Release.Bypass> all = new ArrayList<>(unreached);
        app.versions().stream()
                .filter(v -> v.ready() > 0 && !counts.test(v))
                .forEach(v -> all.add(new Release.Bypass(
                        Reason.PODS,
                        "Deployment " + v.deployment().name() + " takes no part: its pods stand behind Service "
                                + app.name() + ", and our routes send it nothing",
                        "")));
        app.userRoutes().stream()
                .filter(route -> route.bypasses(app.name()))
                .forEach(route ->
                        all.add(new Release.Bypass(Reason.GATEWAY_ROUTE, route.bypass(app.name()), route.toManage())));
        app.elsewhere().forEach(rule -> all.add(elsewhere(app, rule)));
        if (s.mode().value() == Release.Mode.ROUTE) {
            ports(app, all);
        }
        return all.stream()
                .distinct()
                .sorted(Comparator.comparing(Release.Bypass::message))
                .toList();
    }

    private static Release.Bypass elsewhere(App app, Elsewhere rule) {
        String service = "Service " + app.name();
        return switch (rule.effect()) {
            case OVERRIDES ->
                new Release.Bypass(
                        Reason.VIRTUAL_SERVICE,
                        rule.text() + " decides over " + service
                                + " in the mesh, and wins over routes of the Gateway API",
                        "delete it, or take the host of " + service + " out of it");
            case FORWARDS ->
                new Release.Bypass(
                        Reason.ELSEWHERE,
                        rule.text() + " forwards to " + service + " past the split",
                        "route it by an HTTPRoute in namespace " + app.namespace() + " with canary.io/managed=true");
            case LEFT_BEHIND ->
                new Release.Bypass(
                        Reason.DESTINATION_RULE,
                        rule.text() + " does not reach the Services of versions of " + app.name(),
                        "give each version's Service one of its own");
            case CONSUMES ->
                new Release.Bypass(
                        Reason.CONSUMER_ROUTE,
                        rule.text() + " decides over " + service + " for clients in namespace "
                                + Names.shown(rule.namespace()) + ", who follow it, not the split",
                        "delete it, or take the Service out of it");
        };
    }

    /// Ports that no route divides, also such whose route nobody accepts while another's is accepted.
    private static void ports(App app, List<Release.Bypass> all) {
        Ports ports = Ports.of(app);
        ports.others().forEach(sentence -> all.add(new Release.Bypass(Reason.PORT, sentence, "")));
        boolean meshed = app.routes().stream().anyMatch(RouteFacts::accepted);
        app.routes().stream()
                .filter(route -> meshed && !route.accepted() && route.parentPort() != null)
                .forEach(route -> all.add(new Release.Bypass(
                        Reason.PORT,
                        "port " + route.parentPort() + " is divided by pods: no controller accepts " + route.title(),
                        "")));
    }
}
