// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.App;
import io.canary.domain.app.ServiceFacts;
import java.util.Map;
import java.util.Optional;

/// Whether an app is in the ambient mode of Istio without a waypoint: then routes are accepted and do nothing, and no
/// status says so (routing.md section 9).
final class Ambient {
    private static final String MODE = "istio.io/dataplane-mode";
    private static final String WAYPOINT = "istio.io/use-waypoint";

    private Ambient() {}

    /// @param namespace the labels of the app's namespace
    static Optional<Finding> of(App app, Map<String, String> namespace) {
        ServiceFacts root = app.root();
        boolean ambient = app.versions().stream()
                .anyMatch(v -> v.deployment()
                        .templateLabels()
                        .getOrDefault(MODE, namespace.getOrDefault(MODE, ""))
                        .equals("ambient"));
        if (root == null || !ambient) {
            return Optional.empty();
        }
        String waypoint = root.labels().getOrDefault(WAYPOINT, namespace.getOrDefault(WAYPOINT, "none"));
        return Optional.of(
                waypoint.equals("none")
                        ? Finding.error(
                                "CAN112",
                                "Service " + app.name()
                                        + " is in the ambient mesh without a waypoint: routes do nothing",
                                "istioctl waypoint apply -n " + app.namespace()
                                        + " --enroll-namespace, or label the Service " + WAYPOINT)
                        : Finding.ok("CAN112", "Service " + app.name() + " has waypoint " + waypoint));
    }
}
