// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Membership;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.app.VersionName;
import io.canary.domain.app.Weight;
import io.canary.domain.route.Hosts;
import io.canary.domain.route.Mode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is told but never refused: contradictions between objects, objects that are still missing, and what an edit
/// will come to (design section 4, admission.md section 2).
final class Cautions {
    private Cautions() {}

    /// About a Deployment with a key; `view` holds it as it will be.
    static void ofWorkload(Subject.Workload workload, NamespaceView view, Warnings warnings) {
        DeploymentFacts facts = workload.facts();
        if (facts.controller() != null) {
            warnings.add(facts.name() + " is not managed: it belongs to " + facts.controller());
            return;
        }
        for (String key : workload.templateKeys().stream().sorted().toList()) {
            warnings.add(key + " on the pod template does nothing: put it on the Deployment");
        }
        if (workload.hostPorts()) {
            warnings.add("pods use ports of their node: two versions may not fit on one");
        }
        if (facts.paused()) {
            warnings.add("spec.paused: the weight waits until the Deployment is resumed");
        }
        switch (Membership.of(facts, view.services())) {
            case Membership.Member(String app) -> ofVersion(facts, view.app(app), warnings);
            case Membership.Waits(String app, Problem problem) -> ofWaiting(app, problem, view, warnings);
            case Membership.Ambiguous(List<String> services) ->
                warnings.add("several Services select these pods, set " + CanaryKey.SERVICE.text() + " to one of: "
                        + String.join(", ", services));
            case Membership.None _ ->
                warnings.add("no Service selects these pods: set " + CanaryKey.SERVICE.text() + " to the root Service");
        }
    }

    /// About a Service with a key; `view` holds it as it will be.
    static void ofService(Subject.Service service, NamespaceView view, Warnings warnings) {
        App app = view.app(service.name());
        if (app.root() == null) {
            return;
        }
        if (app.versions().isEmpty()) {
            warnings.add("no Deployment belongs to Service " + app.name() + " yet");
            return;
        }
        ofRoot(app, app.root(), warnings);
        for (Problem problem : Contradictions.of(app)) {
            warnings.add(problem);
        }
        ofSettings(app, app.root(), warnings);
    }

    private static void ofWaiting(String app, Problem problem, NamespaceView view, Warnings warnings) {
        boolean external = view.services().stream()
                .anyMatch(s -> s.name().equals(app) && s.type().equals("ExternalName"));
        if (external) {
            warnings.add("Service " + app + " is ExternalName: Canary cannot split it");
        } else {
            warnings.add(problem);
        }
    }

    private static void ofVersion(DeploymentFacts facts, App app, Warnings warnings) {
        ServiceFacts root = app.root();
        if (root == null) {
            return;
        }
        ofRoot(app, root, warnings);
        List<Problem> contradictions = Contradictions.of(app);
        var sum = Contradictions.sumSeenFrom(app, facts.name());
        sum.ifPresent(warnings::add);
        contradictions.stream()
                .filter(p -> sum.isEmpty() || !p.field().equals(Problem.annotation(CanaryKey.WEIGHT.text())))
                .forEach(warnings::add);
        app.versions().stream()
                .filter(v -> v.deployment().name().equals(facts.name()))
                .findFirst()
                .ifPresent(version -> {
                    ofWeight(version, app, contradictions.isEmpty(), warnings);
                    ofEntries(version, app, warnings);
                });
    }

    /// Canary users and domains that no route reaches, or that do not fit into one (routing.md section 14).
    private static void ofEntries(Version version, App app, Warnings warnings) {
        boolean users = version.get(CanaryKey.USERS) != null;
        boolean hosts = version.get(CanaryKey.HOSTS) != null;
        if ((users || hosts) && app.gatewayApi().isEmpty()) {
            warnings.add("the cluster has no Gateway API: users and hosts wait for it");
            return;
        }
        List<UserRoute> managed =
                app.userRoutes().stream().filter(UserRoute::managed).toList();
        String asked = version.get(CanaryKey.HOSTS);
        if (asked != null) {
            Hosts.read(asked)
                    .read()
                    .ifPresent(read -> read.names().stream()
                            .filter(app.claimed()::containsKey)
                            .forEach(host -> warnings.add("host " + host + " is claimed by "
                                    + app.claimed().get(host) + ": it gets no route")));
        }
        if (hosts && managed.stream().noneMatch(UserRoute::atGateway)) {
            warnings.add("hosts wait for a Gateway route of yours with canary.io/managed=true");
        }
        for (UserRoute route : users ? managed : List.<UserRoute>of()) {
            ManagedRoutes.refusal(route, app)
                    .ifPresent(no -> warnings.add(route.title() + " would be too large: " + no));
        }
    }

    private static void ofWeight(Version version, App app, boolean settled, Warnings warnings) {
        String name = version.deployment().name();
        String weight = version.get(CanaryKey.WEIGHT);
        if (version.autoscaler() != null) {
            warnings.add("replicas of " + name + " are its autoscaler's ("
                    + version.autoscaler().name() + ")");
        }
        ServiceFacts own = app.services().get(app.serviceOf(version.name()));
        if (own != null && !own.ours() && !fits(own, app, version)) {
            warnings.add("Service " + own.name() + " is not ours and does not select version " + version.name()
                    + ": nothing moves");
        }
        if (weight == null || Weight.parse(weight).isEmpty()) {
            return;
        }
        String stable = Contradictions.askedStable(app);
        int asked = version.askedBasisPoints();
        if (version.name().equals(stable)) {
            if (app.versions().size() > 1) {
                warnings.add("weight " + weight + " is ignored: " + version.name()
                        + " is stable and takes what the others leave");
            }
        } else if (weight.equals(version.get(CanaryKey.SPENT))) {
            warnings.add("weight " + weight + " is spent: " + name + " asks 0 until it is changed");
        } else if (asked == Weight.ALL) {
            warnings.add("all traffic would go to " + version.name() + "; use promote: " + CanaryKey.STABLE.text() + "="
                    + version.name() + " on Service " + app.name());
        } else if (settled && asked > 0 && stable != null && othersAsk(app, stable) == Weight.ALL) {
            warnings.add("stable " + stable + " gets 0: the others ask for 100");
        }
    }

    private static void ofRoot(App app, ServiceFacts root, Warnings warnings) {
        if (root.headless()) {
            warnings.add("Service " + app.name() + " is headless: Canary cannot split it and holds");
        }
        if (root.sticky()) {
            warnings.add("sessionAffinity ClientIP: sticky clients blur the percentages");
        }
        Mode mode = Forecast.mode(app);
        if (mode.value() == Release.Mode.REPLICA) {
            warnings.add("replica mode, traffic follows pods: " + mode.why());
        }
        if (app.foreignReady() > 0) {
            warnings.add(
                    "Service " + app.name() + " has " + app.foreignReady() + " ready pods of no version: Canary holds");
        }
    }

    private static void ofSettings(App app, ServiceFacts root, Warnings warnings) {
        Settings settings = Settings.of(root.annotations());
        long holders = app.versions().stream()
                        .filter(v -> v.askedBasisPoints() > 0 && !v.name().equals(Contradictions.askedStable(app)))
                        .count()
                + 1;
        if (settings.replicas() != null && app.versions().size() > 1 && settings.replicas() < holders) {
            warnings.add(CanaryKey.REPLICAS.text() + " " + settings.replicas() + " is raised to " + holders
                    + ": one pod for each version with a share");
        }
        String recorded = recorded(app);
        if (settings.stable() != null && recorded != null && !recorded.equals(settings.stable())) {
            app.version(recorded)
                    .filter(v -> v.askedBasisPoints() > 0)
                    .ifPresent(v -> warnings.add("weight " + v.get(CanaryKey.WEIGHT) + " of "
                            + v.deployment().name() + " is spent: it asks 0 from now on"));
        }
    }

    private static @Nullable String recorded(App app) {
        Release release = app.release();
        return release == null ? null : release.stable();
    }

    private static int othersAsk(App app, String stable) {
        return app.versions().stream()
                .filter(v -> !v.name().equals(stable))
                .mapToInt(Version::askedBasisPoints)
                .sum();
    }

    private static boolean fits(ServiceFacts own, App app, Version version) {
        ServiceFacts root = app.root();
        if (root == null) {
            return true;
        }
        Map<String, String> selector = new HashMap<>(root.selector());
        selector.put(VersionName.LABEL, version.name());
        return own.selector().equals(selector) && own.type().equals("ClusterIP");
    }
}
