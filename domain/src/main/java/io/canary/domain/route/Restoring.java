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
/// Rules have no identity in the API. One is found again by a hash of all of it but its refs; else, where it was
/// edited, by its refs, in order.
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
    record Found(int index, Map<String, Object> now, @Nullable OfRule of, boolean standsIn) {}

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
            Map<String, Object> rule = found.of() == null
                    ? found.now()
                    : found.of().added().takenFrom(found.now());
            restored.add(found.standsIn() ? Rejoining.of(backends, found.of(), rule) : rule);
        }
        return restored;
    }

    private List<Found> find(List<Integer> indexes) {
        OfRule[] of = new OfRule[rules.size()];
        List<OfRule> left = new ArrayList<>(original.rules());
        left.removeIf(entry -> assign(of, entry, i -> touches(i) && isLike(i, entry)));
        left.removeIf(entry -> !entry.added().isNothing() && assign(of, entry, i -> isLike(i, entry)));
        left.removeIf(entry -> entry.split() && assign(of, entry, i -> partsOf(i, entry)));
        List<Found> found = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            OfRule entry = of[i];
            boolean standsIn = entry == null ? standsInUnknown(i) : entry.split() && hasVersions(i);
            found.add(new Found(indexes.get(i), rules.get(i), entry, standsIn));
        }
        return found;
    }

    private boolean assign(@Nullable OfRule[] of, OfRule entry, java.util.function.IntPredicate fits) {
        int at = IntStream.range(0, of.length)
                .filter(i -> of[i] == null && fits.test(i))
                .findFirst()
                .orElse(-1);
        if (at >= 0) {
            of[at] = entry;
        }
        return at >= 0;
    }

    private boolean isLike(int i, OfRule entry) {
        return Refs.rest(rules.get(i)).equals(entry.rest());
    }

    private boolean touches(int i) {
        return hasVersions(i) || refs(rules.get(i)).stream().anyMatch(backends::isRoot);
    }

    private boolean hasVersions(int i) {
        return refs(rules.get(i)).stream().anyMatch(backends::isVersion);
    }

    /// Whether the refs to versions look as if we had written them.
    private boolean partsOf(int i, OfRule entry) {
        return hasVersions(i) && (several(i) || written(i) || sum(i) == entry.sum());
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
