// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What holds for every route, every wish and every edit in between: a model keeps the route as it would be without us,
/// and each edit is made to both. `-Dcanary.seed=SEED -Dcanary.routes=1` runs one alone.
class ManagedRoutePropertiesTest {
    private static final long SEED = Long.getLong("canary.seed", 1);
    private static final int ROUTES = Integer.getInteger("canary.routes", 2000);
    private static final int ROUNDS = 5;

    /// A route as it stands, and as it would without us.
    private static final class Both {
        final Map<String, Object> parents;
        List<Object> plain;
        List<Object> split;
        Original original = Original.NONE;

        /// Whether weights of parts, or other refs, were edited since the last split. Where both were, what is in
        /// force is taken for what is meant, which the model does not know.
        boolean partsEdited;

        /// Whether a rule was taken away, or all of it but its refs changed: after two of these nobody can tell which
        /// rule is which.
        boolean restEdited;

        boolean othersEdited;

        Both(Map<String, Object> spec) {
            parents = spec;
            plain = Trees.list(spec, "rules");
            split = plain;
        }

        JsonObject spec(List<Object> rules) {
            Map<String, Object> spec = new LinkedHashMap<>(parents);
            spec.put("rules", rules);
            return new JsonObject(spec);
        }
    }

    @Test
    void splitsAreUndoneExactly() {
        int splits = 0;
        for (long seed = SEED; seed < SEED + ROUTES; seed++) {
            try {
                splits += history(seed);
            } catch (RuntimeException | AssertionError e) {
                fail("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(splits).isGreaterThanOrEqualTo(ROUTES / 2);
    }

    private static int history(long seed) {
        RandomRoutes random = new RandomRoutes(new Random(seed));
        Both route = new Both(random.spec());
        RouteKind kind = random.chance(80) ? RouteKind.HTTP : RouteKind.GRPC;
        RouteLimits limits = random.chance(90) ? RouteLimits.CURRENT : RouteLimits.of("v1.1.0");
        int splits = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Split wish = random.wish();
            ManagedRoute.Outcome outcome =
                    ManagedRoute.split(kind, route.spec(route.split), route.original, wish, limits);
            if (outcome instanceof ManagedRoute.Changed changed) {
                splits++;
                route.split = changed.rules();
                route.partsEdited = false;
                route.restEdited = false;
                route.othersEdited = false;
                route.original = round > 0
                        ? Original.of(new JsonObject(changed.original().json()))
                        : Original.of(Wishes.yaml(changed.original().text()));
                assertThat(route.original).isEqualTo(changed.original());
                judge(route, wish, limits);
                if (ManagedRoute.split(kind, route.spec(route.split), route.original, wish, limits)
                        instanceof ManagedRoute.Changed again) {
                    assertThat(Wishes.text(again.rules()) + again.original().text())
                            .isEqualTo(Wishes.text(route.split) + route.original.text());
                }
                assertThat(ManagedRoute.split(kind, route.spec(route.split), route.original, wish, limits))
                        .isEqualTo(
                                route.original.isEmpty()
                                        ? new ManagedRoute.NothingToSplit()
                                        : new ManagedRoute.Unchanged(changed.cautions()));
                measure(kind, route, wish, limits);
            }
            restored(route, wish, "round " + round + " " + outcome.getClass().getSimpleName());
            Edits.make(random, route, wish.backends());
            restored(route, wish, "round " + round + " after an edit");
        }
        return splits;
    }

    private static void restored(Both route, Split wish, String when) {
        ManagedRoute.Restored restored = ManagedRoute.restore(route.spec(route.split), route.original, wish.backends());
        if (Trees.text(restored.rules()).equals(Trees.text(route.plain))) {
            return;
        }
        assertThat(Wishes.text(restored.rules()))
                .describedAs(when + "; it stood\n" + Wishes.text(route.split) + route.original.text())
                .isEqualTo(Wishes.text(route.plain));
        fail(when + ": the order of fields differs");
    }

    private static void measure(RouteKind kind, Both route, Split wish, RouteLimits limits) {
        ManagedRoute.Measured measured =
                ManagedRoute.measure(kind, route.spec(route.split), route.original, wish, limits);
        assertThat(measured.shaped()).isEqualTo(!route.original.isEmpty());
        assertThat(measured.rules())
                .allSatisfy(line -> assertThat(line.shares()).isEqualTo(wish.shares()));
        assertThat(measured.rules().isEmpty()).isEqualTo(route.original.isEmpty());
    }

    /// The rules of the user's in `route.split`, each beside what it is without us; what stands between is ours.
    private static void judge(Both route, Split wish, RouteLimits limits) {
        assertThat(limits.check(route.split)).isEmpty();
        Targets targets = Targets.of(wish.backends(), route.plain);
        List<JsonObject> before = new ArrayList<>();
        int next = 0;
        for (Object each : route.split) {
            JsonObject rule = JsonObject.of(each);
            if (Backends.isMarked(Targets.refs(each))) {
                before.add(rule);
                continue;
            }
            Map<String, Object> plain =
                    Trees.copy(JsonObject.of(route.plain.get(next++)).fields());
            List<Refs.Run> runs = targets.runs(plain);
            if (runs.stream().noneMatch(Targets::isSplit)) {
                assertThat(Trees.text(rule.fields())).isEqualTo(Trees.text(plain));
                assertThat(before).isEmpty();
            } else {
                judgeRefs(runs, Targets.refs(each), wish);
                before.forEach(ours -> judgeEntry(ours, JsonObject.of(plain)));
            }
            before.clear();
        }
        assertThat(next).isEqualTo(route.plain.size());
        assertThat(before).isEmpty();
    }

    /// Parts in the place of what is split, in the order of versions, as shared; others as they were and in
    /// proportion.
    private static void judgeRefs(List<Refs.Run> runs, List<Object> refs, Split wish) {
        List<Split.Part> sharing = wish.sharing();
        long whole = 0;
        long parts = 0;
        List<List<Object>> others = new ArrayList<>();
        int at = 0;
        for (Refs.Run run : runs) {
            if (!Targets.isSplit(run)) {
                for (Object ref : run.refs()) {
                    others.add(List.of(ref, refs.get(at++)));
                }
                continue;
            }
            List<Object> mine = refs.subList(at, at += sharing.size());
            long sum = mine.stream().mapToLong(Backends::weight).sum();
            whole += run.weight();
            parts += sum;
            for (int i = 0; i < mine.size(); i++) {
                assertThat(Refs.name(mine.get(i))).isEqualTo(sharing.get(i).service());
                assertThat(Backends.weight(mine.get(i)) * 10_000L)
                        .isEqualTo(sum * sharing.get(i).basisPoints());
            }
        }
        assertThat(at).isEqualTo(refs.size());
        for (List<Object> other : others) {
            assertThat(Refs.Run.hash(other.get(1))).isEqualTo(Refs.Run.hash(other.get(0)));
            assertThat(BigInteger.valueOf(Backends.weight(other.get(1))).multiply(BigInteger.valueOf(whole)))
                    .isEqualTo(BigInteger.valueOf(Backends.weight(other.get(0))).multiply(BigInteger.valueOf(parts)));
        }
    }

    /// A rule of ours stands before the one it copies, is narrower, and is like it otherwise.
    private static void judgeEntry(JsonObject ours, JsonObject plain) {
        assertThat(ours.has("name")).isFalse();
        assertThat(ours.fields().get("timeouts")).isEqualTo(plain.fields().get("timeouts"));
        Set<Object> paths = plain.objects("matches").stream()
                .map(match -> match.fields().get("path"))
                .collect(Collectors.toSet());
        assertThat(ours.objects("matches")).isNotEmpty().allSatisfy(match -> {
            assertThat(match.objects("headers")).isNotEmpty();
            if (!paths.isEmpty()) {
                assertThat(paths).contains(match.fields().get("path"));
            }
        });
        Map<String, Integer> types = new HashMap<>();
        ours.objects("filters").forEach(filter -> types.merge(filter.text("type"), 1, Integer::sum));
        assertThat(types.getOrDefault("RequestHeaderModifier", 0)).isLessThanOrEqualTo(1);
    }

    /// What others do to a split route, made to the model too.
    private static final class Edits {
        private Edits() {}

        static void make(RandomRoutes random, Both route, Backends backends) {
            List<Integer> users = new ArrayList<>();
            for (int i = 0; i < route.split.size(); i++) {
                if (!Backends.isMarked(Targets.refs(route.split.get(i)))) {
                    users.add(i);
                }
            }
            route.plain = new ArrayList<>(route.plain);
            route.split = new ArrayList<>(route.split);
            int rule = random.below(users.size());
            int at = users.get(rule);
            int edit = random.below(9);
            if (edit >= 1 && edit <= 3) {
                if (route.restEdited) {
                    return;
                }
                route.restEdited = true;
            }
            switch (edit) {
                case 0 -> {
                    Map<String, Object> added = other(random);
                    route.plain.add(rule, added);
                    route.split.add(at, added);
                }
                case 1 -> {
                    List<Object> others = new ArrayList<>(route.plain);
                    others.remove(rule);
                    boolean rootStays = others.stream().anyMatch(RandomRoutes::namesRoot);
                    if (rootStays) {
                        route.plain.remove(rule);
                        route.split.remove(at);
                    }
                }
                case 2 -> field(route, rule, at, "matches", List.of(random.match()));
                case 3 -> field(route, rule, at, "timeouts", Map.of("request", random.below(99) + "ms"));
                case 4 -> addRef(random, route, rule, at);
                case 5 -> removeRef(random, route, rule, at);
                case 6 -> route.split.set(at, route.plain.get(rule));
                case 7 -> route.split = route.plain;
                case 8 -> halve(route, rule, at, backends);
                default -> throw new IllegalStateException();
            }
        }

        private static Map<String, Object> other(RandomRoutes random) {
            Map<String, Object> rule = new LinkedHashMap<>();
            rule.put("matches", List.of(random.match()));
            rule.put("backendRefs", List.of(random.ref(random.chance(80) ? "other9" : "order", false)));
            return rule;
        }

        private static void field(Both route, int rule, int at, String field, Object value) {
            for (boolean plain : new boolean[] {true, false}) {
                List<Object> rules = plain ? route.plain : route.split;
                int i = plain ? rule : at;
                Map<String, Object> json =
                        Trees.copy(JsonObject.of(rules.get(i)).fields());
                json.put(field, value);
                rules.set(i, json);
            }
        }

        /// Somebody adds a ref, of a weight that is whole without us too.
        private static void addRef(RandomRoutes random, Both route, int rule, int at) {
            List<Object> plain = Targets.refs(route.plain.get(rule));
            List<Object> split = Targets.refs(route.split.get(at));
            long whole = plain.stream()
                    .filter(ref -> isOf(ref, true))
                    .mapToLong(Backends::weight)
                    .sum();
            long parts = split.stream()
                    .filter(ref -> isOf(ref, true))
                    .mapToLong(Backends::weight)
                    .sum();
            if (route.partsEdited
                    || plain.isEmpty()
                    || whole == 0
                    || plain.equals(split)
                    || several(plain)
                    || plain.size() > 5) {
                return;
            }
            int times = 1 + random.below(4);
            if (whole * times > 1_000_000 || parts * times > 1_000_000) {
                return;
            }
            Map<String, Object> ref = random.ref("new" + random.below(3), false);
            plain.add(weighing(ref, (int) whole * times));
            split.add(weighing(ref, (int) parts * times));
            set(route, rule, at, plain, split);
        }

        private static Map<String, Object> weighing(Map<String, Object> ref, int weight) {
            Map<String, Object> json = Trees.copy(ref);
            json.put("weight", weight);
            return json;
        }

        /// Rules whose refs to versions are partly not split are left out: only the model could tell which.
        private static boolean several(List<Object> plain) {
            return plain.stream().anyMatch(ref -> Refs.name(ref).startsWith("order") && Backends.weight(ref) == 0)
                    || (plain.stream().noneMatch(ref -> Refs.name(ref).equals("order"))
                            && plain.stream().filter(ref -> isOf(ref, true)).count() < 2);
        }

        private static boolean isOf(Object ref, boolean app) {
            return Refs.name(ref).startsWith("order") == app;
        }

        /// Somebody removes the last ref that is not the app's.
        private static void removeRef(RandomRoutes random, Both route, int rule, int at) {
            List<Object> plain = Targets.refs(route.plain.get(rule));
            List<Object> split = Targets.refs(route.split.get(at));
            if (route.partsEdited
                    || plain.size() < 2
                    || plain.stream().noneMatch(ref -> isOf(ref, true))
                    || !isOf(plain.getLast(), false)
                    || several(plain)
                    || random.chance(20)) {
                return;
            }
            plain.removeLast();
            split.removeLast();
            set(route, rule, at, plain, split);
        }

        private static void set(Both route, int rule, int at, List<Object> plain, List<Object> split) {
            Map<String, Object> one =
                    Trees.copy(JsonObject.of(route.plain.get(rule)).fields());
            one.put("backendRefs", plain);
            route.plain.set(rule, one);
            Map<String, Object> other =
                    Trees.copy(JsonObject.of(route.split.get(at)).fields());
            other.put("backendRefs", split);
            route.split.set(at, other);
            route.othersEdited = true;
        }

        /// Somebody turns the weights of parts, which is gone with the split.
        private static void halve(Both route, int rule, int at, Backends backends) {
            List<Object> refs = Targets.refs(route.split.get(at));
            boolean isSplit =
                    Targets.of(backends, route.plain)
                            .runs(Trees.copy(
                                    JsonObject.of(route.plain.get(rule)).fields()))
                            .stream()
                            .anyMatch(Targets::isSplit);
            if (!isSplit || route.othersEdited || Trees.same(route.plain.get(rule), route.split.get(at))) {
                return;
            }
            Map<String, Object> json =
                    Trees.copy(JsonObject.of(route.split.get(at)).fields());
            json.put(
                    "backendRefs",
                    refs.stream()
                            .map(ref -> isOf(ref, true) && Backends.weight(ref) > 1
                                    ? Refs.weighing(ref, Backends.weight(ref) / 2)
                                    : ref)
                            .toList());
            route.split.set(at, json);
            route.partsEdited = true;
        }
    }
}
