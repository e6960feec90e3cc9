// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.App;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What stands in the way of one app: pure, from what was read.
final class AppFindings {
    private AppFindings() {}

    static List<Finding> of(App app) {
        List<Finding> found = new ArrayList<>();
        root(app, found);
        versions(app, found);
        Contradictions.of(app)
                .forEach(problem -> found.add(Finding.error("CAN203", problem.message(), problem.cure())));
        routes(app, found);
        Release release = app.release();
        if (release != null) {
            release.problems().forEach(problem -> found.add(Finding.error("CAN204", problem, "")));
            release.bypass().stream()
                    .filter(bypass -> bypass.reason() != Release.Bypass.Reason.GATEWAY_ROUTE) // read from the route
                    .forEach(bypass ->
                            found.add(Finding.warning(code(bypass.reason()), bypass.message(), bypass.cure())));
            release.versions().stream()
                    .filter(Release.VersionStatus::degraded)
                    .forEach(v -> found.add(Finding.error(
                            "CAN206",
                            v.name() + " is degraded: " + v.waitsFor(),
                            "kubectl describe deployment " + v.deployment())));
        }
        return found;
    }

    private static String code(Release.Bypass.Reason reason) {
        return switch (reason) {
            case PORT -> "CAN104";
            case GATEWAY_ROUTE -> "CAN106";
            case ELSEWHERE -> "CAN107";
            case CONSUMER_ROUTE -> "CAN108";
            case VIRTUAL_SERVICE -> "CAN109";
            case DESTINATION_RULE -> "CAN110";
            case USERS, HOSTS, ROUTE -> "CAN111";
            case PODS -> "CAN205";
        };
    }

    private static void root(App app, List<Finding> found) {
        ServiceFacts root = app.root();
        if (root == null) {
            found.add(Finding.error(
                    "CAN201", "Service " + app.name() + " does not exist", "create it: it is the root of the app"));
        } else if (root.headless() || root.type().equals("ExternalName")) {
            found.add(Finding.error(
                    "CAN201",
                    "Service " + app.name() + " is " + (root.headless() ? "headless" : "of type ExternalName")
                            + ": its traffic cannot be split",
                    "make it a Service of type ClusterIP"));
        } else if (root.routable().isEmpty()) {
            found.add(Finding.warning(
                    "CAN104",
                    "Service " + app.name() + " has no HTTP or gRPC port: traffic follows pods",
                    "name the port http or grpc, or set appProtocol"));
        } else {
            found.add(Finding.ok(
                    "CAN201",
                    "Service " + app.name() + " selects " + app.versions().size() + " versions"));
        }
        if (root != null && root.sticky()) {
            found.add(Finding.warning(
                    "CAN207",
                    "Service " + app.name() + " has sessionAffinity ClientIP: sticky clients blur the split",
                    ""));
        }
    }

    private static void versions(App app, List<Finding> found) {
        for (Version v : app.versions()) {
            if (!v.labelled()) {
                found.add(Finding.warning(
                        "CAN202",
                        "the pods of " + v.name() + " carry no label version: routes wait",
                        "kubectl canary adopt " + app.name()));
            }
            if (v.deployment().controller() != null) {
                found.add(Finding.error(
                        "CAN208",
                        "Deployment " + v.deployment().name() + " is controlled by "
                                + v.deployment().controller() + ", which will fight us",
                        "take it out of that controller, or do not annotate it"));
            }
        }
    }

    private static void routes(App app, List<Finding> found) {
        app.rivals()
                .forEach(rival -> found.add(Finding.error(
                        "CAN103",
                        rival.title() + " has Service " + app.name() + " as parent: it wins over ours",
                        rival.toManage())));
        app.userRoutes().stream()
                .filter(route -> route.bypasses(app.name()))
                .forEach(route -> found.add(Finding.warning("CAN106", route.bypass(app.name()), route.toManage())));
        Release release = app.release();
        if (release == null) {
            return;
        }
        if (release.routes().isEmpty() && release.mode() == Release.Mode.REPLICA) {
            found.add(Finding.warning("CAN102", "traffic follows pods: " + release.modeReason(), ""));
        }
        for (Release.RouteStatus route : release.routes()) {
            String by = " by " + route.controller();
            String at = route.parent().isEmpty() ? "" : " at " + route.parent();
            if (!route.accepted()) {
                found.add(Finding.warning(
                        "CAN102",
                        route.title() + " is not accepted" + by + at + ": " + route.reason(),
                        describe(route)));
            } else if (!route.resolvedRefs()) {
                found.add(Finding.error(
                        "CAN105",
                        route.title() + " has refs that do not resolve" + by + at + ": " + route.reason(),
                        describe(route)));
            } else if (!route.current()) {
                found.add(Finding.warning(
                        "CAN102",
                        route.title() + " is accepted" + by + at + ", but not as it stands now (generation "
                                + route.generation() + ")",
                        describe(route)));
            } else {
                found.add(Finding.ok("CAN102", route.title() + " is accepted" + by + at));
            }
        }
    }

    private static String describe(Release.RouteStatus route) {
        return "kubectl describe " + route.kind().toLowerCase(Locale.ROOT) + " " + route.name();
    }
}
