// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import io.canary.domain.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What we made and is no longer wanted goes, in the safe order (design 5.7).
final class Retirement {
    /// How long routes may still be on their way to the data plane after their status is current.
    static final Duration GRACE = Duration.ofSeconds(10);

    private Retirement() {}

    /// All of ours: the route, then its Services, our marks, and last the Release.
    static List<Step> everything(App app) {
        List<Step> steps = new ArrayList<>(UserRoutes.restore(app, why(app)));
        app.hostRoutes()
                .forEach(
                        route -> steps.add(new Step.Delete(Step.Delete.Kind.of(route.kind()), route.name(), why(app))));
        steps.addAll(routes(app));
        String why = why(app);
        app.services().values().stream()
                .filter(ServiceFacts::ours)
                .map(ServiceFacts::name)
                .sorted()
                .forEach(name -> steps.add(new Step.Delete(Step.Delete.Kind.SERVICE, name, why)));
        for (Version v : app.versions()) {
            Set<String> marks = marks(v);
            if (!marks.isEmpty()) {
                steps.add(new Step.Mark(v.deployment().name(), v.uid(), Map.of(), marks, why));
            }
        }
        ServiceFacts root = app.root();
        if (root != null
                && !CanaryKey.anyOfUsers(root.annotations())
                && !ours(root.annotations()).isEmpty()) {
            steps.add(new Step.UnmarkRoot(root.name(), ours(root.annotations()), why));
        }
        if (app.release() != null) {
            steps.add(new Step.Delete(Step.Delete.Kind.RELEASE, app.name(), why));
        }
        return steps;
    }

    /// Our routes: the Services that they name go later, when the data plane has let go of them too.
    static List<Step> routes(App app) {
        return app.routes().stream()
                .<Step>map(route -> new Step.Delete(Step.Delete.Kind.of(route.kind()), route.name(), why(app)))
                .toList();
    }

    private static String why(App app) {
        return app.versions().isEmpty() ? "the last Deployment is gone" : "handed back: no key is left";
    }

    /// The Services of ours whose version is gone or takes no part any more and that no route names, with since when.
    static Map<String, Instant> orphans(App app, Set<String> members, Map<String, Instant> before, Instant now) {
        Set<String> wanted =
                members.stream().map(v -> Names.versionService(app.name(), v)).collect(Collectors.toSet());
        Set<String> referred = referred(app);
        Map<String, Instant> orphans = new HashMap<>();
        app.services().values().stream()
                .filter(service -> service.ours() && !service.deleting())
                .map(ServiceFacts::name)
                .filter(service -> !wanted.contains(service) && !referred.contains(service))
                .forEach(service -> orphans.put(service, before.getOrDefault(service, now)));
        return orphans;
    }

    /// The Services that routes name, ours and users'.
    static Set<String> referred(App app) {
        Set<String> referred = new HashSet<>(UserRoutes.referred(app));
        referred.addAll(HostRoutes.referred(app));
        for (RouteFacts route : app.routes()) {
            referred.addAll(route.weights().keySet());
            route.entries().stream()
                    .flatMap(rule -> JsonObject.of(rule).objects("backendRefs").stream())
                    .forEach(ref -> referred.add(ref.text("name")));
        }
        return referred;
    }

    /// Deletes orphans after the longer of the scale-down delay and 10 s.
    static List<Step> services(Settings settings, Map<String, Instant> orphans, boolean settled, Watch watch) {
        Duration delay = settings.scaleDownDelay().compareTo(GRACE) > 0 ? settings.scaleDownDelay() : GRACE;
        List<Step> steps = new ArrayList<>();
        for (String name : new TreeSet<>(orphans.keySet())) {
            Instant since = orphans.get(name);
            if (since != null && settled && watch.over(since, delay)) {
                steps.add(new Step.Delete(Step.Delete.Kind.SERVICE, name, "its version takes no part any more"));
            }
        }
        return steps;
    }

    /// Our own annotations on a version.
    static Set<String> marks(Version version) {
        return ours(version.deployment().annotations());
    }

    private static Set<String> ours(Map<String, String> annotations) {
        return annotations.keySet().stream()
                .filter(key -> CanaryKey.of(key)
                        .filter(k -> k.owner() == CanaryKey.Owner.CANARY)
                        .isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
