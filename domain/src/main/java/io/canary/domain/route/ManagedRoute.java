// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.RouteKind;
import io.canary.domain.app.UserRoute;
import io.canary.domain.json.JsonObject;
import io.canary.domain.share.Shares;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A user's own HTTPRoute or GRPCRoute with `canary.io/managed`: split in place, measured, restored (design section 7).
///
/// A split is always made from the route as it would be restored, so one split gives the same after any other, and
/// splitting again changes nothing. All others' refs, filters, rules and their order are kept as they are.
public final class ManagedRoute {
    private ManagedRoute() {}

    /// What splitting a route comes to.
    public sealed interface Outcome permits Changed, Unchanged, NothingToSplit, Refused {}

    /// The route is to be written.
    ///
    /// @param rules the new `spec.rules`
    /// @param original for the annotation `canary.io/original`; without content: no annotation
    /// @param cautions what the wish does not reach, as sentences
    public record Changed(List<Object> rules, Original original, List<String> cautions) implements Outcome {}

    /// The route and its annotation are as wished.
    public record Unchanged(List<String> cautions) implements Outcome {}

    /// No ref names the root Service, or what stands for it, with a weight above 0.
    public record NothingToSplit() implements Outcome {}

    /// A route without what we did to it.
    ///
    /// @param rules `spec.rules` as they were, with what others changed since
    /// @param original what remains to be kept, for other apps; without content: no annotation
    /// @param changed whether anything is to be written
    public record Restored(List<Object> rules, Original original, boolean changed) {}

    /// What one rule carries.
    ///
    /// @param rule its index
    /// @param port of the refs, or 0 where they have none
    /// @param shares of the versions; none where the root itself stands there and endpoints decide
    public record InForce(int rule, int port, Shares shares) {}

    /// What a route carries.
    ///
    /// @param rules a line for each rule and port that was split or is to be
    /// @param shaped whether the route and its annotation are as the wish has them
    public record Measured(List<InForce> rules, boolean shaped) {
        public Measured {
            rules = List.copyOf(rules);
        }

        /// The shares by port, where all rules agree; a port whose rules differ is missing.
        public Map<Integer, Shares> byPort() {
            Map<Integer, Shares> byPort = new HashMap<>();
            rules.forEach(line -> byPort.putIfAbsent(line.port(), line.shares()));
            rules.stream()
                    .filter(line -> !line.shares().equals(byPort.get(line.port())))
                    .map(InForce::port)
                    .distinct()
                    .toList()
                    .forEach(byPort::remove);
            return byPort;
        }
    }

    /// Splits a route. Copies are made in the mesh only: a Gateway's controller may accept a mirror, know none, and
    /// answer 500 (Traefik 3.7 does).
    ///
    /// @param spec its `spec`
    /// @param original what its annotation keeps
    /// @param asked how
    public static Outcome split(RouteKind kind, JsonObject spec, Original original, Split asked, RouteLimits limits) {
        Split wish = isEdge(spec) ? asked.withoutMirror() : asked;
        if (wish.mirror() != null && wish.mirror().percent() < 100 && !limits.mirrorPercent()) {
            return mirrorsAll(wish.mirror());
        }
        List<Object> restored = Restoring.rules(spec, original.of(wish.root()), wish.backends());
        Original others = original.without(wish.root());
        Entries entries = new Entries(kind, wish, limits, isEdge(spec));
        return switch (Splitting.of(entries, restored, others.apps())) {
            case Splitting.Failed(RouteLimits.Excess excess) ->
                Refused.of(kind, excess, wish.users(), fits(entries, restored, others));
            case Splitting.Done done
            when !done.any() && others.equals(original) && same(spec, restored) -> new NothingToSplit();
            case Splitting.Done done when !done.any() -> new Changed(restored, others, List.of());
            case Splitting.Done done -> {
                Original kept = others.with(wish.root(), done.original());
                String text = kept.text();
                if (text.length() > Original.LARGEST) {
                    yield tooMuchToKeep(text.length());
                }
                yield same(spec, done.rules()) && text.equals(original.text())
                        ? new Unchanged(done.cautions())
                        : new Changed(done.rules(), kept, done.cautions());
            }
        };
    }

    /// Splits a route as it stands.
    public static Outcome split(UserRoute route, Split wish, RouteLimits limits) {
        return split(route.kind(), spec(route), original(route), wish, limits);
    }

    /// What it carries now, rule by rule.
    public static List<InForce> inForce(UserRoute route, Split wish) {
        return inForce(spec(route), original(route), wish);
    }

    /// What it carries now, and whether it is as wished.
    public static Measured measure(UserRoute route, Split wish) {
        return measure(route.kind(), spec(route), original(route), wish, RouteLimits.CURRENT);
    }

    /// As it was before the first split.
    public static Restored restore(UserRoute route, Backends backends) {
        return restore(spec(route), original(route), backends);
    }

    static JsonObject spec(UserRoute route) {
        return new JsonObject(route.spec());
    }

    static Original original(UserRoute route) {
        return Original.of(new JsonObject(route.original()));
    }

    /// A route as it was before the first split.
    public static Restored restore(JsonObject spec, Original original, Backends backends) {
        List<Object> rules = Restoring.rules(spec, original.of(backends.root()), backends);
        Original others = original.without(backends.root());
        return new Restored(rules, others, !same(spec, rules) || !others.equals(original));
    }

    /// What a route carries now.
    public static Measured measure(RouteKind kind, JsonObject spec, Original original, Split wish, RouteLimits limits) {
        boolean shaped = split(kind, spec, original, wish, limits) instanceof Unchanged;
        return new Measured(inForce(spec, original, wish), shaped);
    }

    private static List<InForce> inForce(JsonObject spec, Original original, Split wish) {
        Backends backends = wish.backends().and(original.of(wish.root()).services());
        List<InForce> lines = new ArrayList<>();
        for (Restoring.Found rule : Restoring.find(spec, original.of(wish.root()), wish.backends())) {
            lines.addAll(lines(backends, wish, rule));
        }
        return lines;
    }

    private static List<InForce> lines(Backends backends, Split wish, Restoring.Found rule) {
        Map<Integer, Map<String, Integer>> byPort = new TreeMap<>();
        List<Object> refs = Targets.refs(rule.now());
        List<Boolean> parts = Rejoining.parts(backends, rule.of(), refs);
        for (int i = 0; i < refs.size(); i++) {
            Object ref = refs.get(i);
            int port = JsonObject.of(ref).count("port", 0);
            if (backends.isRoot(ref) && Backends.weight(ref) > 0) {
                byPort.computeIfAbsent(port, _ -> new TreeMap<>());
            } else if (parts.get(i) && rule.standsIn()) {
                byPort.computeIfAbsent(port, _ -> new TreeMap<>())
                        .merge(version(wish, Refs.name(ref)), Backends.weight(ref), Integer::sum);
            }
        }
        return byPort.entrySet().stream()
                .map(e -> new InForce(rule.index(), e.getKey(), Shares.ofWeights(e.getValue(), List.of())))
                .toList();
    }

    /// The version whose Service this is; one that is gone keeps its name.
    private static String version(Split wish, String service) {
        return wish.parts().stream()
                .filter(part -> part.service().equals(service))
                .map(Split.Part::version)
                .findFirst()
                .orElse(
                        service.startsWith(wish.root() + "-")
                                ? service.substring(wish.root().length() + 1)
                                : service);
    }

    /// Whether traffic comes in from outside of the mesh: a parent is no Service.
    static boolean isEdge(JsonObject spec) {
        return spec.objects("parentRefs").stream()
                .anyMatch(parent -> !parent.text("kind").equals("Service"));
    }

    /// How many user terms fit, or -1 where that does not help.
    private static int fits(Entries entries, List<Object> restored, Original others) {
        for (int count = entries.wish().users() - 1; count >= 0; count--) {
            Entries fewer =
                    new Entries(entries.kind(), entries.wish().withUsers(count), entries.limits(), entries.edge());
            if (Splitting.of(fewer, restored, others.apps()) instanceof Splitting.Done) {
                return count;
            }
        }
        return -1;
    }

    private static Refused mirrorsAll(Split.Mirror mirror) {
        return new Refused(
                "mirrored percent",
                mirror.percent(),
                100,
                -1,
                "the installed Gateway API would mirror all requests, not " + mirror.percent()
                        + " percent: it needs bundle 1.3 or newer");
    }

    private static Refused tooMuchToKeep(int length) {
        return new Refused(
                "bytes of canary.io/original",
                length,
                Original.LARGEST,
                -1,
                "the refs to restore would take " + length + " bytes of annotation, and " + Original.LARGEST
                        + " are possible");
    }

    private static boolean same(JsonObject spec, List<Object> rules) {
        return Trees.same(Trees.list(spec.fields(), "rules"), rules);
    }
}
