// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.app.VersionName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The Service of each version: what it must look like, and whether one of that name may be used (design section 3).
final class VersionServices {
    private VersionServices() {}

    /// Whether the Service of `version` stands and can be used: ours, or a user's that is equivalent.
    static boolean usable(App app, Version version) {
        ServiceFacts service = app.services().get(app.serviceOf(version.name()));
        ServiceFacts root = app.root();
        return service != null
                && !service.deleting()
                && (service.ours() || (root != null && equivalent(service, root, version)));
    }

    /// The Services of users that bear the name of one of `versions` and are not equivalent to it.
    static List<Problem> conflicts(App app, ServiceFacts root, List<Version> versions) {
        return versions.stream()
                .filter(v -> {
                    ServiceFacts service = app.services().get(app.serviceOf(v.name()));
                    return service != null && !service.ours() && !equivalent(service, root, v);
                })
                .map(v -> new Problem(
                        "Service " + app.serviceOf(v.name()),
                        "is not ours and does not select just the pods of version " + Names.shown(v.name())
                                + " on the ports of Service " + app.name(),
                        "rename or delete it"))
                .toList();
    }

    /// The step that makes or mends the Service of `version`, or null where there is nothing to do.
    static Step.@org.jspecify.annotations.Nullable EnsureService ensure(App app, ServiceFacts root, Version version) {
        String name = app.serviceOf(version.name());
        ServiceFacts present = app.services().get(name);
        if (present != null && (!present.ours() || present.deleting() || same(present, root, version))) {
            return null;
        }
        String why = present == null
                ? "version " + version.name() + " takes part"
                : "its selector, ports or type were changed";
        // The families of one that has some may not change, and a root that was made anew may have others.
        ServiceFacts families = present == null || present.ipFamilies().isEmpty() ? root : present;
        String policy = families.ipFamilyPolicy() == null ? "SingleStack" : families.ipFamilyPolicy();
        return new Step.EnsureService(
                app.name(), name, selector(root, version), root.ports(), families.ipFamilies(), policy, why);
    }

    private static Map<String, String> selector(ServiceFacts root, Version version) {
        Map<String, String> selector = new HashMap<>(root.selector());
        selector.put(VersionName.LABEL, version.name());
        return Map.copyOf(selector);
    }

    private static boolean same(ServiceFacts service, ServiceFacts root, Version version) {
        return service.selector().equals(selector(root, version))
                && service.ports().equals(root.ports())
                && service.type().equals("ClusterIP");
    }

    private static boolean equivalent(ServiceFacts service, ServiceFacts root, Version version) {
        return service.selector().equals(selector(root, version))
                && service.type().equals("ClusterIP")
                && !service.headless()
                && root.ports().stream()
                        .allMatch(port -> service.ports().stream().anyMatch(p -> serves(p, port)));
    }

    private static boolean serves(ServiceFacts.Port mine, ServiceFacts.Port root) {
        return mine.port() == root.port()
                && mine.targetPort().equals(root.targetPort())
                && mine.protocol().equals(root.protocol())
                && (mine.appProtocol() == null || Objects.equals(mine.appProtocol(), root.appProtocol()));
    }
}
