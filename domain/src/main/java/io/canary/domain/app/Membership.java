// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Collection;
import java.util.List;

/// Which root Service a Deployment belongs to (design section 1).
public sealed interface Membership {
    /// The root Service stands and selects the Deployment's pods.
    record Member(String app) implements Membership {}

    /// A root Service is named and does not stand, is not a root Service, or does not select these pods.
    record Waits(String app, Problem problem) implements Membership {}

    /// Several Services select these pods and none is named.
    record Ambiguous(List<String> services) implements Membership {}

    /// No Service is named or selects these pods.
    record None() implements Membership {}

    /// Finds the root Service of `deployment` among all Services of its namespace: the one named in
    /// `canary.io/service`; else the one named like its pods' `app` or `app.kubernetes.io/name` label; else the
    /// only one that selects its pods. A version that takes part waits for its root Service, whatever else selects
    /// it meanwhile: nothing of its app is torn down (design 5.7).
    static Membership of(DeploymentFacts deployment, Collection<ServiceFacts> services) {
        String named = deployment.get(CanaryKey.SERVICE);
        if (named != null) {
            return named(named, deployment, services);
        }
        for (String label : List.of("app", "app.kubernetes.io/name")) {
            String name = deployment.templateLabels().get(label);
            if (name != null && services.stream().anyMatch(s -> s.name().equals(name) && s.rootLike())) {
                Membership found = named(name, deployment, services);
                if (found instanceof Member) {
                    return found;
                }
            }
        }
        String app = deployment.get(CanaryKey.APP);
        if (app != null && services.stream().noneMatch(s -> s.name().equals(app))) {
            return named(app, deployment, services);
        }
        List<String> selecting = services.stream()
                .filter(s -> s.rootLike() && s.selects(deployment.templateLabels()))
                .map(ServiceFacts::name)
                .sorted()
                .toList();
        if (selecting.size() == 1) {
            return new Member(selecting.getFirst());
        }
        if (selecting.size() > 1) {
            return app != null && selecting.contains(app) ? new Member(app) : new Ambiguous(selecting);
        }
        String waits = app != null ? app : deployment.templateLabels().get("app");
        if (waits == null) {
            waits = deployment.templateLabels().get("app.kubernetes.io/name");
        }
        return waits == null ? new None() : named(waits, deployment, services);
    }

    private static Membership named(String name, DeploymentFacts deployment, Collection<ServiceFacts> services) {
        String field = Problem.annotation(CanaryKey.SERVICE.text());
        ServiceFacts service =
                services.stream().filter(s -> s.name().equals(name)).findFirst().orElse(null);
        if (service == null) {
            return new Waits(
                    name, new Problem(field, "waiting for Service " + Names.shown(name), "create it, or name another"));
        }
        if (!service.rootLike()) {
            return new Waits(
                    name,
                    new Problem(
                            field,
                            "Service " + Names.shown(name) + " is not a root Service: it is made for one version",
                            "name the Service that selects all versions"));
        }
        if (!service.selects(deployment.templateLabels())) {
            return new Waits(
                    name,
                    new Problem(
                            field,
                            "Service " + Names.shown(name) + " does not select the pods of Deployment "
                                    + deployment.name(),
                            "give the pod template the labels of the Service's selector"));
        }
        return new Member(name);
    }
}
