// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Weight;
import io.canary.domain.json.JsonObject;
import io.canary.domain.route.Original.OfRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A user's route without what we did to it, with all that others did since.
///
/// Rules have no identity in the API. One is found again by a hash of all of it but its refs, by its refs, and by its
/// place among the others.
final class Restoring {
    private final Backends backends;
    private final Original.OfApp original;
    private final List<Map<String, Object>> rules;
    private final boolean rootNamed;

    private Restoring(Backends backends, Original.OfApp original, List<Map<String, Object>> rules) {
        this.backends = backends;
        this.original = original;
        this.rules = rules;
        this.rootNamed = rules.stream().anyMatch(rule -> refs(rule).stream().anyMatch(backends::isRoot));
    }

    /// A rule that is not of ours alone.
    ///
    /// @param index where it stands among all rules
    /// @param now as it stands
    /// @param of what we kept of it, or null
    /// @param standsIn whether its refs to versions stand in for the root
    record Found(
            int index, Map<String, Object> now, @Nullable OfRule of, boolean standsIn) {}

    /// The rules of `spec` but those that we put there, each with what we know of it.
    static List<Found> find(JsonObject spec, Original.OfApp original, Backends known) {
        Backends backends = known.and(original.services());
        List<Integer> indexes = new ArrayList<>();
        List<Map<String, Object>> rules = new ArrayList<>();
        int index = 0;
        for (JsonObject rule : spec.objects("rules")) {
            if (!backends.generated(rule.fields())) {
                rules.add(Trees.copy(rule.fields()));
                indexes.add(index);
            }
            index++;
        }
        return new Restoring(backends, original, rules).find(indexes);
    }

    /// The rules as they were.
    static List<Object> rules(JsonObject spec, Original.OfApp original, Backends known) {
        Backends backends = known.and(original.services());
        List<Object> restored = new ArrayList<>();
        for (Found found : find(spec, original, known)) {
            Map<String, Object> rule =
                    found.of() == null ? found.now() : found.of().added().takenFrom(found.now());
            restored.add(found.standsIn() ? Rejoining.of(backends, found.of(), rule) : rule);
        }
        return restored;
    }

    private List<Found> find(List<Integer> indexes) {
        List<OfRule> entries = original.rules();
        int[] of = Alignment.of(entries.size(), rules.size(), (entry, i) -> likeness(entries.get(entry), i));
        List<Found> found = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            OfRule entry = of[i] < 0 ? null : entries.get(of[i]);
            boolean standsIn = entry == null ? standsInUnknown(i) : entry.split() && hasVersions(i);
            found.add(new Found(indexes.get(i), rules.get(i), entry, standsIn));
        }
        return found;
    }

    /// How much speaks for rule `i` being the one of `entry`: its rest most, its other refs, its ports.
    private int likeness(OfRule entry, int i) {
        boolean rest = Refs.rest(entry.added().takenFrom(rules.get(i))).equals(entry.rest());
        boolean refs = sameRefs(entry, i);
        if (!entry.split()) {
            boolean mayBe = refs || (rest && hasVersions(i) && !partsOf(i, entry));
            return mayBe ? (rest ? 8 : 0) + (refs ? 8 : 0) : 0;
        }
        boolean parts = partsOf(i, entry);
        if (parts) {
            return (rest ? 8 : 0)
                    + (besideTheSame(i, entry) ? 6 : 0)
                    + (untouched(i, entry) ? 5 : 0)
                    + (refs ? 4 : 0)
                    + 2;
        }
        if (!rest) {
            return 0;
        }
        return touches(i) ? (refs ? 12 : 3) : entry.added().isNothing() ? 0 : 1;
    }

    /// Whether the refs are those of `entry`, split or not.
    private boolean sameRefs(OfRule entry, int i) {
        List<Object> refs = refs(rules.get(i));
        if (!entry.split()) {
            return Refs.hash(refs).equals(entry.others());
        }
        List<Refs.Run> parts = Refs.runs(refs, Rejoining.parts(backends, entry, refs), backends::isRoot).stream()
                .filter(Refs.Run::own)
                .toList();
        List<Object> ports = entry.groups().stream()
                .map(group -> new Refs.Run(true, group).port())
                .toList();
        return parts.isEmpty()
                ? Trees.same(
                        refs.stream().filter(backends::isRoot).toList(),
                        entry.groups().stream().map(List::getFirst).toList())
                : Trees.same(parts.stream().map(Refs.Run::port).toList(), ports);
    }

    private boolean touches(int i) {
        return hasVersions(i) || refs(rules.get(i)).stream().anyMatch(backends::isRoot);
    }

    private boolean hasVersions(int i) {
        return refs(rules.get(i)).stream().anyMatch(backends::isVersion);
    }

    /// Whether the refs to versions may be parts: somebody's own way to one version has the weight 1, as by default.
    private boolean partsOf(int i, OfRule entry) {
        return hasVersions(i) && (several(i) || sum(i) != 1 || besideTheSame(i, entry));
    }

    private boolean untouched(int i, OfRule entry) {
        List<Object> refs = refs(rules.get(i));
        return Refs.hash(refs.stream().filter(backends::isVersion).toList()).equals(entry.parts());
    }

    private boolean besideTheSame(int i, OfRule entry) {
        List<Object> refs = refs(rules.get(i));
        List<Boolean> parts = Rejoining.parts(backends, entry, refs);
        List<Object> others = IntStream.range(0, refs.size())
                .filter(at -> !parts.get(at))
                .mapToObj(refs::get)
                .toList();
        return !others.isEmpty() && Refs.hash(others).equals(entry.others());
    }

    private boolean several(int i) {
        Set<String> services = new HashSet<>();
        refs(rules.get(i)).stream().filter(backends::isVersion).map(Refs::name).forEach(services::add);
        return services.size() > 1;
    }

    /// Whether they have a sum that we write and that nobody writes by default.
    private boolean written(int i) {
        return sum(i) == 100 || sum(i) == Weight.ALL;
    }

    private long sum(int i) {
        return refs(rules.get(i)).stream()
                .filter(backends::isVersion)
                .mapToLong(Backends::weight)
                .sum();
    }

    /// Whether refs to versions of ours stand in for the root in a rule that we do not know. In a split route it is
    /// a copy that someone made of a rule of ours. Else the annotation was lost, as in a backup that was applied:
    /// then nothing else can have named our Services, but a user may have gone to one version in a rule of its own.
    private boolean standsInUnknown(int i) {
        List<Object> refs = refs(rules.get(i));
        if (refs.stream().noneMatch(backends::isOurs)) {
            return false;
        }
        boolean root = refs.stream().anyMatch(ref -> backends.isRoot(ref) && Backends.weight(ref) > 0);
        return root || several(i) || (original.rules().isEmpty() ? !rootNamed : written(i));
    }

    private static List<Object> refs(Map<String, Object> rule) {
        return Trees.list(rule, "backendRefs");
    }
}
