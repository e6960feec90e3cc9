// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.sim;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Outward;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.TestRoutes;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.plan.Step;
import io.canary.domain.policy.Policies;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A toy cluster with virtual time: Deployments whose pods become ready, crash and flap; Services; one route with a
/// controller that reports late; a Release. It obeys the planner's steps as the API server and controllers would.
final class SimWorld {
    static final String APP = "order";
    static final int AUTOSCALED_LEAST = 2;
    static final Duration REPORT_LAG = Duration.ofMillis(200);
    private static final Duration ENDPOINTS_LAG = Duration.ofMillis(100);

    /// How the pods of a Deployment behave.
    enum Behaviour {
        READY,
        SLOW,
        NEVER,
        CRASHED,
        FLAPPING,
        /// Ready for long enough to get its weight back, then not.
        UNSTEADY
    }

    static final class Pod {
        final String name;
        final Instant born;

        Pod(String name, Instant born) {
            this.name = name;
            this.born = born;
        }
    }

    static final class Sim {
        final String name;
        final String uid;
        final Instant created;
        final Map<String, String> annotations = new TreeMap<>();
        boolean labelled = true;
        int replicas;
        int template;
        Behaviour behaviour = Behaviour.READY;
        boolean autoscaled;
        boolean paused;
        int podNumber;
        final List<Pod> pods = new ArrayList<>();

        Sim(String name, String uid, Instant created) {
            this.name = name;
            this.uid = uid;
            this.created = created;
        }

        String version() {
            return name.substring(APP.length() + 1);
        }
    }

    final Map<String, Sim> deployments = new TreeMap<>();
    final Map<String, String> rootAnnotations = new TreeMap<>();
    /// Version Services of ours, with when they were made.
    final Map<String, Instant> services = new TreeMap<>();

    /// A Service of a user's with the name of a version's that selects all of them, or null.
    @Nullable
    String taken;

    /// Ready pods behind the root Service that belong to no version.
    int foreign;

    boolean rootStands = true;
    boolean gatewayApi = true;
    boolean mesh = true;

    @Nullable
    Map<String, Integer> route;

    /// Our rules for users in it.
    List<Object> entries = List.of();

    long generation;
    long observed;

    @Nullable
    Instant reportAt;

    /// How long the controller takes to report on a write.
    Duration reportLag = REPORT_LAG;

    boolean accepted;

    @Nullable
    Release release;

    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private int uids;
    private int capacity = Integer.MAX_VALUE;

    final SimGateway gateway = new SimGateway();

    /// Our routes for canary domains.
    final Map<String, Map<String, Object>> hostRoutes = new TreeMap<>();

    /// Whether a route of somebody else has the root Service as parent.
    boolean rival;

    /// The cluster's policies, and what they come to.
    Policies policies = Policies.none("shop");

    boolean frozen;

    @Nullable
    Integer maxWeight;

    /// How often somebody will put the route back after our next writes.
    int fights;

    /// A Deployment that is not in the cluster yet.
    Sim draft(String version, int replicas) {
        Sim sim = new Sim(APP + "-" + version, "uid-" + uids++, now);
        sim.replicas = replicas;
        return sim;
    }

    void add(Sim sim) {
        deployments.put(sim.name, sim);
        movePods();
    }

    void room(int pods) {
        capacity = pods;
        movePods();
    }

    // ---- what pods do

    boolean ready(Sim sim, Pod pod) {
        Duration age = Duration.between(pod.born, now);
        return switch (sim.behaviour) {
            case READY -> age.compareTo(Duration.ofSeconds(1)) >= 0;
            case SLOW -> age.compareTo(Duration.ofSeconds(20)) >= 0;
            case NEVER, CRASHED -> false;
            case FLAPPING -> age.toSeconds() / 7 % 2 == 0;
            case UNSTEADY -> age.toSeconds() % 55 < 45;
        };
    }

    int ready(Sim sim) {
        return (int) sim.pods.stream().filter(p -> ready(sim, p)).count();
    }

    /// Ready endpoints behind the Service of `version`: none without the Service or the label.
    int serviceReady(Sim sim) {
        Instant made = services.get(sim.name);
        return sim.labelled && made != null && !now.isBefore(made.plus(ENDPOINTS_LAG)) ? ready(sim) : 0;
    }

    /// The next moment at which a pod or the controller changes something by itself, or null.
    @Nullable
    Instant nextChange() {
        Instant next = reportAt;
        if (gateway.reportAt != null && (next == null || gateway.reportAt.isBefore(next))) {
            next = gateway.reportAt;
        }
        for (Instant made : services.values()) {
            Instant at = made.plus(ENDPOINTS_LAG);
            if (now.isBefore(at) && (next == null || at.isBefore(next))) {
                next = at;
            }
        }
        for (Sim sim : deployments.values()) {
            for (Pod pod : sim.pods) {
                Instant at = null;
                Duration age = Duration.between(pod.born, now);
                if (sim.behaviour == Behaviour.READY && age.compareTo(Duration.ofSeconds(1)) < 0) {
                    at = pod.born.plusSeconds(1);
                } else if (sim.behaviour == Behaviour.SLOW && age.compareTo(Duration.ofSeconds(20)) < 0) {
                    at = pod.born.plusSeconds(20);
                } else if (sim.behaviour == Behaviour.FLAPPING) {
                    at = pod.born.plusSeconds((age.toSeconds() / 7 + 1) * 7);
                } else if (sim.behaviour == Behaviour.UNSTEADY) {
                    at = pod.born.plusSeconds(age.toSeconds() / 55 * 55 + (age.toSeconds() % 55 < 45 ? 45 : 55));
                }
                if (at != null && (next == null || at.isBefore(next))) {
                    next = at;
                }
            }
        }
        return next;
    }

    /// The controllers catch up with the present moment.
    void tick() {
        movePods();
        if (reportAt != null && !now.isBefore(reportAt)) {
            observed = generation;
            accepted = mesh;
            reportAt = null;
        }
        gateway.tick(now);
    }

    /// The ReplicaSet controller and the scheduler; an autoscaler wants at least two.
    void movePods() {
        int running = deployments.values().stream().mapToInt(d -> d.pods.size()).sum();
        for (Sim sim : deployments.values()) {
            if (sim.autoscaled && sim.replicas > 0 && sim.replicas < 2) {
                sim.replicas = 2;
            }
            while (sim.pods.size() > sim.replicas) {
                sim.pods.removeLast();
                running--;
            }
            while (sim.pods.size() < sim.replicas && running < capacity) {
                String suffix = String.format("%05d", sim.podNumber++);
                sim.pods.add(new Pod(sim.name + "-hash" + sim.template + "-" + suffix, now));
                running++;
            }
        }
    }

    void meshReports() {
        if (route != null) {
            reportAt = now.plus(reportLag);
        }
    }

    // ---- what the planner sees

    App app() {
        return view().app(APP);
    }

    DeploymentFacts facts(Sim sim) {
        Map<String, String> labels = new TreeMap<>(Map.of("app", APP));
        if (sim.labelled) {
            labels.put("version", sim.version());
        }
        return new DeploymentFacts(
                "shop",
                sim.name,
                sim.uid,
                sim.created,
                labels,
                sim.annotations,
                labels,
                labels,
                sim.replicas,
                "t" + sim.template,
                List.of(),
                Duration.ofSeconds(60),
                sim.paused,
                false,
                null,
                null,
                null);
    }

    ServiceFacts root() {
        return service(APP, Map.of("app", APP), Map.of(), rootAnnotations);
    }

    NamespaceView view() {
        List<DeploymentFacts> facts = new ArrayList<>();
        Map<String, Set<String>> endpoints = new HashMap<>();
        Map<String, Version.Autoscaler> autoscalers = new HashMap<>();
        Set<String> behindRoot = endpoints.computeIfAbsent(APP, _ -> new TreeSet<>());
        for (int i = 0; i < foreign; i++) {
            behindRoot.add("stranger-" + i);
        }
        for (Sim sim : deployments.values()) {
            facts.add(facts(sim));
            Set<String> ready = new TreeSet<>();
            sim.pods.stream().filter(p -> ready(sim, p)).forEach(p -> ready.add(p.name));
            behindRoot.addAll(ready);
            if (serviceReady(sim) > 0) {
                endpoints.put(sim.name, ready);
            }
            if (sim.autoscaled) {
                autoscalers.put(sim.name, new Version.Autoscaler("hpa", AUTOSCALED_LEAST));
            }
        }
        List<ServiceFacts> all = new ArrayList<>();
        if (rootStands) {
            all.add(root());
        }
        if (taken != null) {
            all.add(service(taken, Map.of("app", APP), Map.of(), Map.of()));
            endpoints.put(taken, behindRoot);
        }
        for (String name : services.keySet()) {
            String version = name.substring(APP.length() + 1);
            all.add(service(name, Map.of("app", APP, "version", version), Map.of(CanaryKey.APP.text(), APP), Map.of()));
        }
        List<RouteFacts.Named> routes = new ArrayList<>();
        if (route != null) {
            List<RouteFacts.Parent> parents = observed > 0 && accepted
                    ? List.of(
                            new RouteFacts.Parent("Service order:8080", "mesh", observed, true, true, null, "Accepted"))
                    : List.of();
            RouteFacts.Ref[] refs = route.entrySet().stream()
                    .map(e -> new RouteFacts.Ref(e.getKey(), 8080, e.getValue()))
                    .toArray(RouteFacts.Ref[]::new);
            routes.add(new RouteFacts.Named(
                    new RouteFacts(
                            RouteKind.HTTP,
                            APP,
                            true,
                            generation,
                            8080,
                            entries,
                            TestRoutes.rule(RouteKind.HTTP, refs),
                            List.of(refs),
                            List.of(),
                            null,
                            null,
                            parents),
                    APP,
                    null,
                    Outward.NOTHING));
        }
        if (rival) {
            UserRoute theirs = new UserRoute(
                    RouteKind.HTTP,
                    "theirs",
                    false,
                    1,
                    Map.of(),
                    Map.of(),
                    Set.of(),
                    false,
                    List.of(new UserRoute.ParentService(APP, null)),
                    null,
                    null,
                    List.of());
            routes.add(new RouteFacts.Named(bare("theirs", false), null, theirs, Outward.NOTHING));
        }
        Map<String, Object> edge = gateway.spec;
        if (edge != null && gatewayApi) {
            routes.add(new RouteFacts.Named(bare("edge", false), null, gateway.facts(edge), Outward.NOTHING));
        }
        hostRoutes.forEach((name, spec) -> {
            if (gatewayApi) {
                routes.add(new RouteFacts.Named(bare(name, true), APP, SimGateway.hosts(name, spec), Outward.NOTHING));
            }
        });
        Map<String, Release> releases = release == null ? Map.of() : Map.of(APP, release);
        return new NamespaceView(
                "shop",
                facts,
                all,
                routes,
                endpoints,
                autoscalers,
                releases,
                gatewayApi ? Map.of(RouteKind.HTTP, "") : Map.of(),
                List.of(),
                Map.of());
    }

    private static RouteFacts bare(String name, boolean ours) {
        return new RouteFacts(
                RouteKind.HTTP, name, ours, 1, null, List.of(), Map.of(), List.of(), List.of(), null, null, List.of());
    }

    private static ServiceFacts service(
            String name, Map<String, String> selector, Map<String, String> labels, Map<String, String> annotations) {
        return new ServiceFacts(
                "shop",
                name,
                "uid-" + name,
                labels,
                annotations,
                selector,
                "ClusterIP",
                false,
                false,
                List.of(new ServiceFacts.Port("http", 8080, "8080", "TCP", null)),
                List.of("IPv4"),
                "SingleStack",
                false,
                null);
    }

    // ---- what the planner writes

    void apply(Step step) {
        switch (step) {
            case Step.EnsureService s -> services.putIfAbsent(s.name(), now);
            case Step.Mark s -> {
                Sim sim = deployments.get(s.deployment());
                if (sim != null && sim.uid.equals(s.uid())) {
                    sim.annotations.putAll(s.set());
                    sim.annotations.keySet().removeAll(s.remove());
                }
            }
            case Step.UnmarkRoot s -> rootAnnotations.keySet().removeAll(s.remove());
            case Step.EnsureRoute s -> {
                Map<String, Integer> weights = new TreeMap<>();
                s.refs().forEach(ref -> weights.merge(ref.service(), ref.weight(), Integer::sum));
                if (route == null) {
                    observed = 0;
                    accepted = false;
                    generation = 0;
                }
                Map<String, Integer> before = route;
                boolean undone = fights > 0 && before != null;
                route = undone ? before : weights;
                entries = undone ? entries : s.rules().subList(0, s.rules().size() - 1);
                fights = Math.max(0, fights - 1);
                generation++;
                meshReports();
            }
            case Step.EnsureHosts s -> hostRoutes.put(s.name(), s.spec());
            case Step.EditRoute s -> gateway.apply(s, now);
            case Step.Scale s -> {
                Sim sim = deployments.get(s.deployment());
                if (sim != null && sim.uid.equals(s.uid())) {
                    sim.replicas = s.to();
                    movePods();
                }
            }
            case Step.Delete s -> {
                switch (s.kind()) {
                    case SERVICE -> services.remove(s.name());
                    case HTTP_ROUTE, GRPC_ROUTE -> {
                        if (hostRoutes.remove(s.name()) == null) {
                            route = null;
                        }
                    }
                    case RELEASE -> release = null;
                }
            }
            case Step.Report s -> release = s.release();
            case Step.Tell _ -> {}
        }
    }

    /// Nothing of ours is left.
    boolean clean() {
        return services.isEmpty()
                && hostRoutes.isEmpty()
                && route == null
                && release == null
                && deployments.values().stream()
                        .noneMatch(d -> d.annotations.keySet().stream()
                                .anyMatch(key -> CanaryKey.of(key)
                                        .filter(k -> k.owner() == CanaryKey.Owner.CANARY)
                                        .isPresent()));
    }
}
