// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import io.canary.domain.app.App;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the annotations of an app ask for, taken together (design section 4).
///
/// @param stable the version that takes the rest, or null where it cannot be told
/// @param record the stable of record: the Release's, else the largest measured that asks for nothing; null where
///     nothing is measured
/// @param shares what is asked; with problems: the last good shares. None while there is no stable
/// @param problems contradictions between objects
/// @param stableGone whether the stable of record was deleted and no other can be told: its share is divided among
///     the rest in proportion (design 5.7)
public record Asked(
        @Nullable String stable, @Nullable String record, Shares shares, List<Problem> problems, boolean stableGone) {
    public Asked {
        problems = List.copyOf(problems);
    }

    /// Whether the asked stable takes over from another.
    public boolean promotion() {
        return stable != null && record != null && !stable.equals(record);
    }

    /// The same with more problems, which hold nothing that is asked.
    public Asked and(List<Problem> more) {
        List<Problem> all = new ArrayList<>(problems);
        all.addAll(more);
        return new Asked(stable, record, shares, all, stableGone);
    }

    /// What `app` asks for, when `measured` is in force.
    ///
    /// @param handBack whether no user key is left: then stable takes all
    /// @param conflicts what stands in the way besides: other people's routes
    public static Asked of(App app, Settings settings, Shares measured, boolean handBack, List<Problem> conflicts) {
        List<Problem> problems = new ArrayList<>(conflicts);
        problems.addAll(Contradictions.of(app));
        String record = record(app, settings, measured);
        String stable = stable(app, record);
        if (stable == null) {
            // Traffic goes to versions that are gone, and nothing tells who is stable: to those that serve.
            Shares heirs = measured.isNone()
                    ? Shares.NONE
                    : Measurement.ofEndpoints(app).shares();
            String heir = heirs.versions().stream()
                    .max(Comparator.comparingInt(heirs::of))
                    .orElse(null);
            return new Asked(heir, record, heirs, problems, heir != null);
        }
        boolean promotion = record != null && !stable.equals(record);
        if (handBack) {
            String keeper = record == null ? stable : record;
            return new Asked(keeper, record, Shares.all(keeper), List.of(), false);
        }
        if (stableGone(app)) {
            Shares rest = Measurement.existing(app, measured);
            return new Asked(stable, record, rest.isNone() ? Shares.all(stable) : rest, problems, true);
        }
        boolean waits = settings.abort() != null || !problems.isEmpty();
        if (waits && record != null && promotion && !undoes(app, stable)) {
            // An undo goes through meanwhile, a promotion waits (design sections 2 and 4).
            stable = record;
        }
        if (settings.abort() != null) {
            return new Asked(stable, record, Shares.all(stable), problems, false);
        }
        Map<String, Integer> wishes = new LinkedHashMap<>();
        for (Version v : app.versions()) {
            boolean ignored = v.name().equals(stable) || (promotion && v.name().equals(record));
            if (!ignored && v.askedBasisPoints() > 0) {
                wishes.put(v.name(), v.askedBasisPoints());
            }
        }
        int sum = wishes.values().stream().mapToInt(Integer::intValue).sum();
        if (!problems.isEmpty() || sum > Weight.ALL) {
            wishes = lastGood(app, wishes, stable, measured);
            sum = wishes.values().stream().mapToInt(Integer::intValue).sum();
        }
        wishes.put(stable, Weight.ALL - sum);
        return new Asked(stable, record, new Shares(wishes), problems, false);
    }

    /// Whether `stable` is the one before the stable of record: going there is an undo (design section 1).
    public static boolean undoes(App app, String stable) {
        Release release = app.release();
        return release != null
                && !release.line().isEmpty()
                && release.line().getLast().equals(stable);
    }

    /// Whether the stable is only guessed, to have somewhere to retreat to: no object tells it and none is of record.
    public static boolean guesses(App app) {
        Release release = app.release();
        return Contradictions.askedStable(app) == null && (release == null || release.stable() == null);
    }

    private static boolean stableGone(App app) {
        Release release = app.release();
        return release != null
                && release.stable() != null
                && app.version(release.stable()).isEmpty()
                && Contradictions.askedStable(app) == null;
    }

    private static @Nullable String record(App app, Settings settings, Shares measured) {
        Release release = app.release();
        if (release != null
                && release.stable() != null
                && app.version(release.stable()).isPresent()) {
            return release.stable();
        }
        // At the first entry the one that is asked to be stable is it: naming it is no promotion (policy.md section 2).
        String named = Contradictions.askedStable(app);
        boolean first = release == null || release.stable() == null;
        if (first && !app.carried() && named != null && measured.of(named) > 0) {
            return named;
        }
        // A version that asks for a weight is a canary, however much it holds: so a Release lost at 90 % does not
        // make it stable. Among equals the one that the user names.
        return app.versions().stream()
                .filter(v -> measured.of(v.name()) > 0)
                .max(Comparator.comparing((Version v) -> v.askedBasisPoints() == 0)
                        .thenComparingInt(v -> measured.of(v.name()) / 200)
                        .thenComparing(v -> v.name().equals(settings.stable()))
                        .thenComparingInt(v -> measured.of(v.name())))
                .map(Version::name)
                .orElse(null);
    }

    private static @Nullable String stable(App app, @Nullable String record) {
        String asked = Contradictions.askedStable(app);
        if (asked != null) {
            return asked;
        }
        Release release = app.release();
        String recorded = release == null ? null : release.stable();
        return recorded != null && app.version(recorded).isPresent() ? recorded : record;
    }

    /// Each version at most what it asks now, and no more than it last had a right to; the rest stays with stable.
    private static Map<String, Integer> lastGood(App app, Map<String, Integer> wishes, String stable, Shares measured) {
        Map<String, Integer> before = new HashMap<>();
        Release release = app.release();
        if (release == null) {
            before.putAll(measured.basisPoints());
        } else {
            release.versions().forEach(v -> before.put(v.name(), v.asked()));
        }
        Map<String, Integer> kept = new LinkedHashMap<>();
        int left = Weight.ALL;
        for (Map.Entry<String, Integer> wish : wishes.entrySet()) {
            int share = wish.getKey().equals(stable)
                    ? 0
                    : Math.min(left, Math.min(wish.getValue(), before.getOrDefault(wish.getKey(), 0)));
            kept.put(wish.getKey(), share);
            left -= share;
        }
        return kept;
    }
}
