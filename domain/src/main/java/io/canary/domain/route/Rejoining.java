// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.json.JsonObject;
import io.canary.domain.route.Original.OfRule;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The refs of one rule with the root, or what stood there, in the place of its parts. Other refs keep the proportion
/// that they were given to the parts; where somebody changed them, the one that they have now.
final class Rejoining {
    private Rejoining() {}

    /// `rule` with its refs as they were.
    ///
    /// @param of what we kept of it, or null
    static Map<String, Object> of(Backends backends, @Nullable OfRule of, Map<String, Object> rule) {
        List<Object> refs = Trees.list(rule, "backendRefs");
        boolean rootStands = refs.stream().anyMatch(ref -> backends.isRoot(ref) && Backends.weight(ref) > 0);
        List<Object> joined = rootStands
                ? intoRoot(backends, refs)
                : of == null ? unknown(backends, refs) : known(backends, of, refs);
        Map<String, Object> json = Trees.copy(rule);
        json.put("backendRefs", joined);
        return json;
    }

    private static List<Object> known(Backends backends, OfRule of, List<Object> refs) {
        List<Refs.Run> runs = Refs.runs(refs, parts(backends, of, refs), backends::isRoot);
        List<Refs.Run> own = runs.stream().filter(Refs.Run::own).toList();
        List<List<Object>> back = back(own, of.groups());
        return written(runs, back, sum(of, runs, back), of.bare());
    }

    /// Which of `refs` are parts: those to versions, but for what was left there.
    static List<Boolean> parts(Backends backends, @Nullable OfRule of, List<Object> refs) {
        List<String> kept = new ArrayList<>(of == null ? List.of() : of.kept());
        return refs.stream()
                .map(ref -> backends.isVersion(ref) && !(Backends.weight(ref) == 0 && kept.remove(Refs.Run.hash(ref))))
                .toList();
    }

    /// What the other refs are weighed against: the parts as we wrote them, so that an edit of the parts alone changes
    /// nothing for others; else the parts as they are.
    private static long sum(OfRule of, List<Refs.Run> runs, List<List<Object>> back) {
        List<Object> others = runs.stream()
                .filter(run -> !run.own())
                .flatMap(run -> run.refs().stream())
                .toList();
        long now =
                runs.stream().filter(Refs.Run::own).mapToLong(Refs.Run::weight).sum();
        if (now > 0 && !Refs.hash(others).equals(of.others())) {
            return now;
        }
        long whole =
                back.stream().flatMap(List::stream).mapToLong(Backends::weight).sum();
        return of.weight() == 0 ? now : of.sum() * whole / of.weight();
    }

    /// Which kept refs come back for each run of parts: in order where none was added or taken away, else by port.
    private static List<List<Object>> back(List<Refs.Run> parts, List<List<Object>> groups) {
        if (parts.size() == groups.size()) {
            return groups;
        }
        List<List<Object>> left = new ArrayList<>(groups);
        List<List<Object>> back = new ArrayList<>();
        for (Refs.Run run : parts) {
            List<Object> like = left.stream()
                    .filter(group -> Trees.same(new Refs.Run(true, group).port(), run.port()))
                    .findFirst()
                    .orElse(List.of());
            left.remove(like);
            back.add(like);
        }
        if (!back.isEmpty() && back.stream().allMatch(List::isEmpty)) {
            back.set(0, groups.getFirst());
        }
        return back;
    }

    private static List<Object> written(List<Refs.Run> runs, List<List<Object>> back, long sum, List<String> bare) {
        List<Integer> whole =
                back.stream().flatMap(List::stream).map(Backends::weight).toList();
        List<Integer> others = runs.stream()
                .filter(run -> !run.own())
                .map(run -> Backends.weight(run.refs().getFirst()))
                .toList();
        boolean alone = sum <= 0 || zero(others) || zero(whole);
        Weights.Divided weights =
                alone ? new Weights.Divided(List.of(whole), others) : Weights.join(whole, sum, others);
        Iterator<Integer> ownWeights = weights.parts().getFirst().iterator();
        Iterator<Integer> otherWeights = weights.others().iterator();
        Iterator<List<Object>> groups = back.iterator();
        List<Object> refs = new ArrayList<>();
        List<Object> seen = new ArrayList<>();
        for (Refs.Run run : runs) {
            if (run.own()) {
                groups.next().forEach(ref -> refs.add(Refs.weighing(ref, ownWeights.next())));
            } else {
                Object ref = run.refs().getFirst();
                refs.add(other(ref, otherWeights.next(), bare.contains(Refs.mark(ref, seen))));
                seen.add(ref);
            }
        }
        return refs;
    }

    private static boolean zero(List<Integer> weights) {
        return weights.stream().allMatch(weight -> weight == 0);
    }

    private static Object other(Object ref, int weight, boolean bare) {
        if (weight == 1 && bare) {
            Map<String, Object> json = Trees.copy(JsonObject.of(ref).fields());
            json.remove("weight");
            return json;
        }
        return Refs.weighing(ref, weight);
    }

    /// The root stands there again: it takes back what refs to our Services beside it hold.
    private static List<Object> intoRoot(Backends backends, List<Object> refs) {
        List<Object> joined = new ArrayList<>(
                refs.stream().filter(ref -> !backends.isOurs(ref)).toList());
        long taken = refs.stream()
                .filter(backends::isOurs)
                .mapToLong(Backends::weight)
                .sum();
        boolean alone = joined.stream().allMatch(ref -> backends.isRoot(ref) || Backends.weight(ref) == 0);
        for (int i = 0; i < joined.size() && !alone; i++) {
            Object ref = joined.get(i);
            if (backends.isRoot(ref) && Backends.weight(ref) > 0) {
                joined.set(i, Refs.weighing(ref, (int) Math.min(Backends.MARK, Backends.weight(ref) + taken)));
                return joined;
            }
        }
        return joined;
    }

    /// Nothing is known of the rule: each run of refs to our Services becomes one to the root.
    private static List<Object> unknown(Backends backends, List<Object> refs) {
        List<Refs.Run> runs =
                Refs.runs(refs, refs.stream().map(backends::isOurs).toList(), backends::isRoot);
        boolean alone = runs.stream().allMatch(run -> run.own() || run.weight() == 0);
        List<Object> joined = new ArrayList<>();
        for (Refs.Run run : runs) {
            joined.add(run.own() ? root(backends, run, alone) : run.refs().getFirst());
        }
        return joined;
    }

    private static Map<String, Object> root(Backends backends, Refs.Run run, boolean alone) {
        Map<String, Object> json =
                Trees.copy(JsonObject.of(run.refs().getFirst()).fields());
        json.put("name", backends.root());
        json.put("weight", alone ? 1 : (int) Math.min(Backends.MARK, run.weight()));
        boolean alike = run.refs().stream()
                .allMatch(ref -> Trees.same(JsonObject.of(ref).fields().get("filters"), json.get("filters")));
        if (!alike) {
            json.remove("filters");
        }
        return json;
    }
}
