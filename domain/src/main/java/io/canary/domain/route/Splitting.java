// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.json.JsonObject;
import io.canary.domain.route.Original.OfRule;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Splits the rules of a route that is not split.
final class Splitting {
    private final Split wish;
    private final Backends backends;
    private final Entries entries;
    private final Targets targets;
    private final List<Object> rules = new ArrayList<>();
    private final List<OfRule> kept = new ArrayList<>();
    private final List<String> cautions = new ArrayList<>();
    private final Map<String, Original.OfApp> otherApps;

    private Splitting(Entries entries, List<Object> restored, Map<String, Original.OfApp> otherApps) {
        this.wish = entries.wish();
        this.backends = wish.backends();
        this.entries = entries;
        this.otherApps = otherApps;
        this.targets = Targets.of(backends, restored);
    }

    /// What came of it.
    sealed interface Result {}

    /// @param any whether there was something to split
    record Done(List<Object> rules, Original.OfApp original, List<String> cautions, boolean any) implements Result {}

    record Failed(RouteLimits.Excess excess) implements Result {}

    /// Splits `restored` as `entries` tells.
    ///
    /// @param otherApps what is kept of others that are split in the same route: rules before one of the
    ///     user's stand in the order of their names, so that no two apps push each other back and forth
    static Result of(Entries entries, List<Object> restored, Map<String, Original.OfApp> otherApps) {
        Splitting splitting = new Splitting(entries, restored, otherApps);
        for (Object rule : restored) {
            Optional<RouteLimits.Excess> excess =
                    splitting.add(Trees.copy(JsonObject.of(rule).fields()));
            if (excess.isPresent()) {
                return new Failed(excess.get());
            }
        }
        return splitting.done();
    }

    private Result done() {
        boolean any = kept.stream().anyMatch(OfRule::split);
        Set<String> named = new HashSet<>();
        rules.stream()
                .flatMap(rule -> Targets.refs(rule).stream())
                .filter(backends::isVersion)
                .map(Refs::name)
                .forEach(named::add);
        Original.OfApp original = new Original.OfApp(named, any ? kept : List.of());
        return entries.limits()
                .check(rules)
                .<Result>map(Failed::new)
                .orElseGet(() -> new Done(rules, original, List.copyOf(cautions), any));
    }

    private Optional<RouteLimits.Excess> add(Map<String, Object> rule) {
        List<Object> refs = Targets.refs(rule);
        List<Refs.Run> runs = targets.runs(rule);
        List<Refs.Run> split = runs.stream().filter(Targets::isSplit).toList();
        if (split.isEmpty()) {
            if (refs.stream().anyMatch(backends::isVersion)) {
                kept.add(OfRule.direct(Refs.rest(rule), Refs.hash(refs)));
            }
            rules.add(rule);
            return Optional.empty();
        }
        List<Object> others = runs.stream()
                .filter(run -> !Targets.isSplit(run))
                .flatMap(run -> run.refs().stream())
                .toList();
        Weights.Division division = Weights.divide(
                split.stream().map(run -> (int) run.weight()).toList(),
                others.stream().map(Backends::weight).toList(),
                wish.sharing().stream().map(Split.Part::basisPoints).toList());
        return switch (division) {
            case Weights.TooLarge(BigInteger would) ->
                Optional.of(new RouteLimits.Excess(
                        "as a weight, for parts in whole numbers beside the other refs",
                        would.min(BigInteger.valueOf(Integer.MAX_VALUE)).intValue(),
                        Weights.MOST));
            case Weights.Divided weights -> {
                write(rule, runs, weights);
                yield Optional.empty();
            }
        };
    }

    private void write(Map<String, Object> rule, List<Refs.Run> runs, Weights.Divided weights) {
        boolean ownerDecides = HeaderFilters.speakOfLane(Trees.list(rule, "filters"));
        boolean laneByShare = wish.sharing().stream().anyMatch(part -> part.lane() != null);
        boolean stripRefs = entries.edge() && laneByShare && !ownerDecides;
        List<Object> refs = new ArrayList<>();
        List<List<Object>> groups = new ArrayList<>();
        List<String> bare = new ArrayList<>();
        List<String> zero = new ArrayList<>();
        List<Object> others = new ArrayList<>();
        List<Object> allParts = new ArrayList<>();
        for (Refs.Run run : runs) {
            if (Targets.isSplit(run)) {
                List<Integer> parts = weights.parts().get(groups.size());
                allParts.addAll(parts(run, parts, stripRefs));
                refs.addAll(allParts.subList(allParts.size() - parts.size(), allParts.size()));
                groups.add(run.refs());
                continue;
            }
            for (Object ref : run.refs()) {
                int weight = weights.others().get(others.size());
                if (!JsonObject.of(ref).has("weight") && weight != 1) {
                    bare.add(Refs.mark(ref, others));
                }
                others.add(Refs.weighing(ref, weight));
                refs.add(others.getLast());
                if (backends.isVersion(ref)) {
                    zero.add(Refs.Run.hash(ref));
                }
            }
        }
        Map<String, Object> json = Trees.copy(rule);
        json.put("backendRefs", refs);
        Object like = groups.getFirst().getFirst();
        Added.Rule added = filtered(new Added.Rule(json, Added.NOTHING), laneByShare, JsonObject.of(like));
        insert(entries.before(rule, like));
        rules.add(added.json());
        kept.add(new OfRule(
                Refs.rest(rule),
                allParts.stream().mapToInt(Backends::weight).sum(),
                Refs.hash(allParts),
                Refs.hash(others),
                groups,
                bare,
                zero,
                added.added()));
    }

    /// What the whole rule does more than the user's. A proxy may apply a rule's filters after those of its refs
    /// (Envoy does), so a rule takes the lane header away only where no ref of it sets one.
    private Added.Rule filtered(Added.Rule rule, boolean laneByShare, JsonObject like) {
        boolean strip = entries.edge() && wish.hasLane() && !laneByShare;
        Added.Rule stripped = strip ? Added.strip(rule) : rule;
        return wish.mirror() == null ? stripped : Added.mirror(stripped, wish.mirror(), like);
    }

    private List<Object> parts(Refs.Run run, List<Integer> weights, boolean strip) {
        List<Object> parts = new ArrayList<>();
        List<Split.Part> sharing = wish.sharing();
        for (int i = 0; i < sharing.size(); i++) {
            Split.Part part = sharing.get(i);
            Object like = run.refs().stream()
                    .filter(ref -> Refs.name(ref).equals(part.service()))
                    .findFirst()
                    .orElse(run.refs().getFirst());
            Map<String, Object> json = Trees.copy(JsonObject.of(like).fields());
            json.put("name", part.service());
            json.put("weight", weights.get(i));
            List<Object> filters = filters(part, Trees.list(json, "filters"), strip);
            if (!filters.isEmpty()) {
                json.put("filters", filters);
            }
            parts.add(json);
        }
        return parts;
    }

    /// A lane is entered by a share at the edge only: in the mesh a request may be in another lane, and stays there.
    private List<Object> filters(Split.Part part, List<Object> filters, boolean strip) {
        List<Object> changed = filters;
        if (part.lane() != null && entries.edge()) {
            changed = HeaderFilters.enter(changed, part.lane());
        } else if (strip) {
            changed = HeaderFilters.leave(changed);
        }
        return part.keeps() ? HeaderFilters.keep(changed, Entries.cookie(wish), part.version()) : changed;
    }

    private void insert(Entries.Rules before) {
        cautions.addAll(before.cautions());
        int at = rules.size();
        while (at > 0 && later(rules.get(at - 1))) {
            at--;
        }
        rules.addAll(at, before.rules());
    }

    private boolean later(Object rule) {
        List<Object> refs = Targets.refs(rule);
        return Backends.isMarked(refs)
                && otherApps.entrySet().stream()
                        .filter(app -> app.getKey().compareTo(wish.root()) > 0)
                        .anyMatch(app -> app.getValue().services().contains(Refs.name(refs.getFirst())));
    }
}
