// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A timeline written by hand: the app `order` with v1 stable, told by what happens at which millisecond.
final class TestTimeline {
    private static final Pattern REF = Pattern.compile("(\\S+)=(\\S+)");

    private final List<Sighting> sightings = new ArrayList<>();
    private final Map<String, Seen> last = new LinkedHashMap<>();
    private Limits limits = Limits.DESIGN;
    private long millis;
    private long revision;
    private long start;

    /// v1 with nine ready pods, v2 with one, both for long; v1 is stable, the total is 10; nothing is judged yet.
    static TestTimeline order() {
        return new TestTimeline()
                .service(
                        "order",
                        null,
                        Map.of("canary.io/stable", "v1", "canary.io/replicas", "10"),
                        Map.of("app", "order"))
                .versionService("order-v1", "v1")
                .versionService("order-v2", "v2")
                .deployment("order-v1", 9, "canary", Map.of("canary.io/app", "order"))
                .deployment("order-v2", 1, "canary", Map.of("canary.io/app", "order", "canary.io/weight", "10"))
                .ready("order-v1", 9)
                .ready("order-v2", 1);
    }

    /// The same with a route at 90/10, all of it old; what follows is judged.
    static TestTimeline orderAtTenPercent() {
        return order().route("order-v1=90 order-v2=10").judgedFromHere().at(60_000);
    }

    TestTimeline judgedFromHere() {
        start = revision;
        return this;
    }

    TestTimeline at(long newMillis) {
        millis = newMillis;
        return this;
    }

    TestTimeline limits(Limits newLimits) {
        limits = newLimits;
        return this;
    }

    TestTimeline route(String split) {
        return routeBy("canary", split);
    }

    TestTimeline routeBy(String manager, String split) {
        long generation = last.get("HTTPRoute/order") instanceof Seen.Route old ? old.generation() + 1 : 1;
        return see(route(manager, List.of(rule(false, split)), generation, generation));
    }

    /// A route with these rules; one that begins with `if ` is conditional.
    TestTimeline rules(String... splits) {
        List<Seen.Rule> rules = new ArrayList<>();
        for (String split : splits) {
            rules.add(split.startsWith("if ") ? rule(true, split.substring(3)) : rule(false, split));
        }
        return see(route("canary", rules, 2, 2));
    }

    /// The status of the standing route stays behind.
    TestTimeline staleRoute(String split) {
        return see(route("canary", List.of(rule(false, split)), 5, 4));
    }

    TestTimeline hostsRoute(String split) {
        return see(new Seen.Route(
                "HTTPRoute",
                "order-hosts",
                "order",
                false,
                List.of("canary.shop.example"),
                1,
                Set.of("canary"),
                List.of(rule(false, split)),
                List.of(),
                false));
    }

    /// Nobody reports on the route: replica mode.
    TestTimeline unreportedRoute(String split) {
        return see(new Seen.Route(
                "HTTPRoute",
                "order",
                "order",
                false,
                List.of(),
                1,
                Set.of("canary"),
                List.of(rule(false, split)),
                List.of(),
                false));
    }

    TestTimeline ownedRoute(String split) {
        return see(new Seen.Route(
                "HTTPRoute",
                "order",
                "order",
                false,
                List.of(),
                1,
                Set.of("canary"),
                List.of(rule(false, split)),
                List.of(),
                true));
    }

    private static Seen.Route route(String manager, List<Seen.Rule> rules, long generation, long observed) {
        return new Seen.Route(
                "HTTPRoute",
                "order",
                "order",
                false,
                List.of(),
                generation,
                Set.of(manager),
                rules,
                List.of(new Seen.ParentStatus("canary.test/mesh", true, true, observed)),
                false);
    }

    private static Seen.Rule rule(boolean conditional, String split) {
        List<Seen.Ref> refs = new ArrayList<>();
        for (MatchResult part : REF.matcher(split).results().toList()) {
            refs.add(new Seen.Ref("Service", part.group(1), 80, Long.parseLong(part.group(2))));
        }
        return new Seen.Rule(conditional, refs);
    }

    TestTimeline service(String name, @Nullable String app, Map<String, String> keys, Map<String, String> selector) {
        return see(new Seen.Service(name, app, keys, selector, false));
    }

    TestTimeline versionService(String name, String version) {
        return service(name, "order", Map.of(), Map.of("app", "order", "version", version));
    }

    /// The root Service with these keys, v1 stable.
    TestTimeline root(String key, String value) {
        Map<String, String> keys = new LinkedHashMap<>(Map.of("canary.io/stable", "v1", "canary.io/replicas", "10"));
        keys.put(key, value);
        return service("order", null, keys, Map.of("app", "order"));
    }

    TestTimeline gone(String key) {
        Seen object = last.get(key);
        if (object == null) {
            throw new IllegalArgumentException(key);
        }
        sightings.add(new Sighting(++revision, millis * 1_000_000, Instant.EPOCH.plusMillis(millis), true, object));
        return this;
    }

    TestTimeline deployment(String name, int replicas, String by, Map<String, String> keys) {
        String version = name.substring("order-".length());
        return see(new Seen.Deployment(
                name, "uid-" + name, replicas, by, Map.of("app", "order", "version", version), 1, keys));
    }

    TestTimeline scale(String name, int replicas) {
        return scaleBy("canary", name, replicas);
    }

    TestTimeline scaleBy(String manager, String name, int replicas) {
        if (!(last.get("Deployment/" + name) instanceof Seen.Deployment d)) {
            throw new IllegalArgumentException(name);
        }
        return see(new Seen.Deployment(name, d.uid(), replicas, manager, d.templateLabels(), d.template(), d.keys()));
    }

    TestTimeline weight(String name, String weight) {
        if (!(last.get("Deployment/" + name) instanceof Seen.Deployment d)) {
            throw new IllegalArgumentException(name);
        }
        return deployment(name, d.replicas(), "canary", Map.of("canary.io/app", "order", "canary.io/weight", weight));
    }

    /// The version Service has so many ready endpoints, and one that is not ready.
    TestTimeline ready(String service, int count) {
        List<Seen.Endpoint> endpoints = new ArrayList<>(List.of(new Seen.Endpoint(service + "-x", false)));
        for (int i = 0; i < count; i++) {
            endpoints.add(new Seen.Endpoint(service + "-" + i, true));
        }
        return see(new Seen.Slice(service + "-slice", service, endpoints));
    }

    /// The root Service's endpoints: pods of these versions.
    TestTimeline rootEndpoints(String... versions) {
        List<Seen.Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < versions.length; i++) {
            see(new Seen.Pod("pod-" + i, Map.of("app", "order", "version", versions[i]), true));
            endpoints.add(new Seen.Endpoint("pod-" + i, true));
        }
        return see(new Seen.Slice("order-slice", "order", endpoints));
    }

    TestTimeline release(String stable, int total, Map<String, Integer> inForce) {
        return see(new Seen.Release("order", "Canary", stable, OptionalInt.of(total), inForce, false));
    }

    TestTimeline see(Seen object) {
        last.put(object.key(), object);
        sightings.add(new Sighting(++revision, millis * 1_000_000, Instant.EPOCH.plusMillis(millis), false, object));
        return this;
    }

    Timeline timeline() {
        return new Timeline(start, 0, sightings);
    }

    /// What is violated as of the current millisecond.
    List<Violation> violations() {
        return Invariants.check(timeline(), limits, millis * 1_000_000);
    }

    List<Violation.Rule> broken() {
        return violations().stream().map(Violation::rule).toList();
    }
}
