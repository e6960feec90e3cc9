// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.edit;

import io.canary.domain.admission.Grammar;
import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Names;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.edit.AnnotationEdit.Kind;
import io.canary.domain.share.Asked;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The verbs of cli.md section 3, as edits of annotations. Each is one write but for those on several versions.
public final class Edits {
    private final NamespaceView view;
    private final App app;

    /// @param view what stands in the namespace
    /// @param app the name of the app to edit
    public Edits(NamespaceView view, String app) {
        this.view = view;
        this.app = view.app(app);
    }

    /// `canary.io/stable` on the root Service.
    ///
    /// @param wanted the version to promote; null for the only one that has a weight
    public Outcome promote(@Nullable String wanted) {
        if (app.root() == null) {
            return noRoot();
        }
        String abort = get(CanaryKey.ABORT);
        if (abort != null) {
            return new Outcome.Refused(
                    app.name() + " is aborted (" + Names.shown(abort) + "): a promotion waits until that ends",
                    "retry " + app.name());
        }
        if (wanted != null) {
            return promoted(wanted);
        }
        List<String> weighted = app.versions().stream()
                .filter(this::weighs)
                .map(Version::name)
                .sorted()
                .toList();
        String key = get(CanaryKey.STABLE);
        if (weighted.isEmpty() && key != null && key.equals(stable()) && noneIsNew()) {
            return standsAlready(key);
        }
        return weighted.size() == 1 ? promoted(weighted.getFirst()) : which(weighted, "promote " + app.name());
    }

    private Outcome promoted(String version) {
        if (app.version(version).isEmpty()) {
            return unknown(version, "promote " + app.name() + " --version=" + example());
        }
        String key = get(CanaryKey.STABLE);
        if (version.equals(key) || (key == null && version.equals(stable()))) {
            return standsAlready(version);
        }
        List<String> notes = new ArrayList<>(paused());
        for (Version v : app.versions()) {
            if (v.name().equals(version) && v.askedBasisPoints() > 0) {
                notes.add("its weight of " + Weight.percent(v.askedBasisPoints())
                        + " counts no more: stable takes what the others leave");
            } else if (weighs(v)) {
                notes.add(v.name() + " keeps its weight of " + Weight.percent(v.askedBasisPoints()));
            }
        }
        return judged(new Outcome.Write(onRoot(CanaryKey.STABLE, version), notes), "");
    }

    /// Whether `version` takes traffic from stable: neither the one that is asked to be it nor, while that takes over,
    /// the one of record (design section 4).
    private boolean weighs(Version version) {
        return version.askedBasisPoints() > 0
                && !version.name().equals(stable())
                && !version.name().equals(recorded());
    }

    /// Whether no version waits for its first share: an unspent weight, be it 0, on one that is not stable.
    private boolean noneIsNew() {
        return app.versions().stream()
                .filter(v -> !v.name().equals(stable()) && !v.name().equals(recorded()))
                .allMatch(v -> v.get(CanaryKey.WEIGHT) == null
                        || Objects.equals(v.get(CanaryKey.WEIGHT), v.get(CanaryKey.SPENT)));
    }

    private Outcome standsAlready(String version) {
        return new Outcome.Unchanged(
                pending() ? moveTo(version) + " is under way" : version + " is stable already",
                onRoot(CanaryKey.STABLE, version));
    }

    /// Whether another version is asked to be stable than the one of record: a promotion or an undo is under way.
    private boolean pending() {
        return recorded() != null && !Objects.equals(recorded(), stable());
    }

    private String moveTo(String version) {
        return "the " + (Asked.undoes(app, version) ? "undo" : "promotion") + " to " + version;
    }

    /// `canary.io/stable` back to an earlier one: the one before in the line of promotions, or `wanted`. While a
    /// promotion is under way the one before is the one of record.
    public Outcome undo(@Nullable String wanted) {
        if (app.root() == null) {
            return noRoot();
        }
        String version = wanted != null ? wanted : before();
        if (version == null) {
            return new Outcome.Refused(
                    "no earlier stable version of " + app.name() + " is known",
                    "promote " + app.name() + " --version=" + example());
        }
        if (app.version(version).isEmpty()) {
            return unknown(version, "promote " + app.name() + " --version=" + example());
        }
        if (version.equals(stable())) {
            return standsAlready(version);
        }
        List<String> notes = new ArrayList<>();
        String now = stable();
        if (now != null) {
            notes.add(now + " gives all back to " + version + "; its own weight does not come back");
        }
        return judged(new Outcome.Write(onRoot(CanaryKey.STABLE, version), notes), "");
    }

    private @Nullable String before() {
        String stable = stable();
        if (pending() && stable != null) {
            return Asked.undoes(app, stable) ? stable : recorded();
        }
        Release release = app.release();
        return release == null || release.line().isEmpty()
                ? null
                : release.line().getLast();
    }

    /// `canary.io/abort` on the root Service; without a reason, an abort that holds keeps its own.
    public Outcome abort(String reason) {
        return mark(CanaryKey.ABORT, reason, "abort", aborting());
    }

    private List<String> aborting() {
        List<String> notes = new ArrayList<>();
        app.versions().stream()
                .filter(v -> v.get(CanaryKey.HOSTS) != null || v.get(CanaryKey.USERS) != null)
                .map(v -> v.name() + " is still reached by its hosts and users")
                .forEach(notes::add);
        notes.add("held until: kubectl canary retry " + app.name());
        return notes;
    }

    /// Removes `canary.io/abort`.
    public Outcome retry() {
        List<String> back = app.versions().stream()
                .filter(this::weighs)
                .map(v -> v.name() + " " + Weight.percent(v.askedBasisPoints()))
                .sorted()
                .toList();
        List<String> notes = new ArrayList<>(paused());
        String stable = stable();
        if (pending() && stable != null) {
            notes.add(moveTo(stable) + " goes on");
        }
        if (!back.isEmpty()) {
            notes.add("these weights come back: " + String.join(", ", back));
        }
        return unmark(CanaryKey.ABORT, "is not aborted", notes);
    }

    /// `canary.io/paused` on the root Service; without a reason, a pause that holds keeps its own.
    public Outcome pause(String reason) {
        return mark(CanaryKey.PAUSED, reason, "pause", List.of());
    }

    /// Removes `canary.io/paused`.
    public Outcome resume() {
        return unmark(CanaryKey.PAUSED, "is not paused", List.of());
    }

    /// `canary.io/replicas` on the root Service.
    public Outcome scale(String count) {
        if (app.root() == null) {
            return noRoot();
        }
        Optional<Problem> wrong = Grammar.check(CanaryKey.REPLICAS, count);
        if (wrong.isPresent()) {
            return Outcome.Refused.of(wrong.get());
        }
        return count.equals(get(CanaryKey.REPLICAS))
                ? new Outcome.Unchanged("the total is " + count + " already")
                : judged(new Outcome.Write(onRoot(CanaryKey.REPLICAS, count), List.of()), "");
    }

    /// `canary.io/weight` on versions.
    ///
    /// @param weights as typed, by version
    public Outcome weights(Map<String, String> weights) {
        List<AnnotationEdit> edits = new ArrayList<>();
        List<AnnotationEdit> standing = new ArrayList<>();
        Map<String, Integer> raises = new HashMap<>();
        for (Map.Entry<String, String> wish : weights.entrySet()) {
            Version version = app.version(wish.getKey()).orElse(null);
            if (version == null) {
                return unknown(wish.getKey(), "set weight " + app.name() + " " + example() + "=" + wish.getValue());
            }
            Optional<Problem> wrong = Grammar.check(CanaryKey.WEIGHT, wish.getValue());
            if (wrong.isPresent()) {
                return Outcome.Refused.of(wrong.get());
            }
            Outcome.Refused refused = takesRest(version, wish.getValue(), weights);
            if (refused != null) {
                return refused;
            }
            String value = unspent(version, wish.getValue());
            if (value == null) {
                return new Outcome.Refused(
                        version.name() + " has spent its weight of " + wish.getValue()
                                + " when it ceased to be stable, and the same value is no change",
                        "set weight " + app.name() + " " + version.name() + "=0");
            }
            if (version.name().equals(stable())) {
                continue;
            }
            AnnotationEdit edit =
                    AnnotationEdit.set(Kind.DEPLOYMENT, version.deployment().name(), CanaryKey.WEIGHT, value);
            if (value.equals(version.get(CanaryKey.WEIGHT))) {
                standing.add(edit);
            } else {
                edits.add(edit);
                raises.put(edit.name(), basisPoints(wish.getValue()) - version.askedBasisPoints());
            }
        }
        // What goes down first: nobody sees a sum above 100 in between.
        edits.sort(Comparator.comparingInt(edit -> raises.getOrDefault(edit.name(), 0)));
        if (edits.isEmpty()) {
            return new Outcome.Unchanged("the weights are so already", standing);
        }
        List<String> notes = new ArrayList<>(paused());
        String abort = get(CanaryKey.ABORT);
        if (abort != null) {
            notes.add("aborted: nothing moves until kubectl canary retry " + app.name());
        }
        Outcome.Write write = new Outcome.Write(edits, notes);
        return judged(write, fitting(weights));
    }

    /// Stable takes what the others leave, and may be named with just that; the one that another takes over from asks
    /// for nothing. Null where `version` is neither, or is named rightly.
    private Outcome.@Nullable Refused takesRest(Version version, String value, Map<String, String> weights) {
        if (pending() && version.name().equals(recorded())) {
            return new Outcome.Refused(
                    version.name() + " gives all to " + stable() + ", which is being promoted", "undo " + app.name());
        }
        if (!version.name().equals(stable())) {
            return null;
        }
        int others = app.versions().stream()
                .filter(v -> !v.name().equals(stable()) && !v.name().equals(recorded()))
                .mapToInt(
                        v -> weights.containsKey(v.name()) ? basisPoints(weights.get(v.name())) : v.askedBasisPoints())
                .sum();
        int rest = Weight.ALL - others;
        if (weights.size() > 1 && (rest < 0 || rest == basisPoints(value))) {
            return null;
        }
        return new Outcome.Refused(
                version.name() + " is stable: it takes what the others leave"
                        + (weights.size() > 1 ? ", " + Weight.percent(rest) + " and not " + value : ""),
                weights.size() > 1
                        ? "set weight " + app.name() + " "
                                + weights.entrySet().stream()
                                        .filter(wish -> !wish.getKey().equals(version.name()))
                                        .map(wish -> wish.getKey() + "=" + wish.getValue())
                                        .collect(Collectors.joining(" "))
                        : "set weight " + app.name() + " VERSION=PERCENT");
    }

    private static int basisPoints(String weight) {
        return Weight.parse(weight).map(Weight::basisPoints).orElse(0);
    }

    /// A spent weight counts again when its text changes: `10` is written as `10.0`. Null where no other text of the
    /// same value is left.
    private static @Nullable String unspent(Version version, String value) {
        if (!value.equals(version.get(CanaryKey.SPENT))) {
            return value;
        }
        int decimals = value.indexOf('.') < 0 ? 0 : value.length() - value.indexOf('.') - 1;
        return switch (decimals) {
            case 0 -> value + ".0";
            case 1 -> value + "0";
            default -> null;
        };
    }

    /// The hint for a sum that is too large: the most that the one version may have.
    private String fitting(Map<String, String> weights) {
        if (weights.size() != 1) {
            return "";
        }
        String version = weights.keySet().iterator().next();
        int others = app.versions().stream()
                .filter(v -> !v.name().equals(version) && weighs(v))
                .mapToInt(Version::askedBasisPoints)
                .sum();
        return others > Weight.ALL
                ? ""
                : "set weight " + app.name() + " " + version + "=" + Weight.percent(Weight.ALL - others);
    }

    /// `canary.io/hosts` or `canary.io/users` on one version; without terms the key goes.
    public Outcome entry(CanaryKey key, String version, List<String> terms) {
        Version found = app.version(version).orElse(null);
        if (found == null) {
            return unknown(
                    version,
                    "set " + (key == CanaryKey.HOSTS ? "hosts " : "users ") + app.name() + " --version=" + example());
        }
        String deployment = found.deployment().name();
        String before = found.get(key);
        if (terms.isEmpty()) {
            return before == null
                    ? new Outcome.Unchanged(version + " has no " + key.text())
                    : new Outcome.Write(List.of(AnnotationEdit.remove(Kind.DEPLOYMENT, deployment, key)), List.of());
        }
        String value = String.join(", ", terms);
        return value.equals(before)
                ? new Outcome.Unchanged(version + " has them already")
                : new Outcome.Write(List.of(AnnotationEdit.set(Kind.DEPLOYMENT, deployment, key, value)), List.of());
    }

    /// `canary.io/version` on every version whose pods carry no label (design section 3).
    public Outcome adopt() {
        List<AnnotationEdit> edits = app.versions().stream()
                .filter(v -> !v.labelled() && v.get(CanaryKey.VERSION) == null)
                .map(v -> AnnotationEdit.set(Kind.DEPLOYMENT, v.deployment().name(), CanaryKey.VERSION, v.name()))
                .toList();
        return edits.isEmpty()
                ? new Outcome.Unchanged("the pods of every version carry the label version")
                : new Outcome.Write(edits, List.of("their pods roll once"));
    }

    /// Every key of users goes; Canary hands the app back (design 5.7).
    public Outcome detach() {
        List<AnnotationEdit> edits = new ArrayList<>();
        for (Version v : app.versions()) {
            CanaryKey[] keys = ofUsers(v.deployment().annotations());
            if (keys.length > 0) {
                edits.add(AnnotationEdit.remove(Kind.DEPLOYMENT, v.deployment().name(), keys));
            }
        }
        ServiceFacts root = app.root();
        CanaryKey[] keys = root == null ? new CanaryKey[0] : ofUsers(root.annotations());
        if (keys.length > 0) {
            edits.add(AnnotationEdit.remove(Kind.SERVICE, app.name(), keys));
        }
        return edits.isEmpty()
                ? new Outcome.Unchanged("no key of " + app.name() + " is left")
                : new Outcome.Write(edits, List.of("all traffic goes to stable, then what Canary made is removed"));
    }

    private static CanaryKey[] ofUsers(Map<String, String> annotations) {
        return CanaryKey.ofUsers().stream().filter(key -> key.isIn(annotations)).toArray(CanaryKey[]::new);
    }

    /// The version that verbs without a version mean: the only one beside stable, those with a weight first.
    public Optional<String> besideStable() {
        String stable = stable();
        List<Version> others =
                app.versions().stream().filter(v -> !v.name().equals(stable)).toList();
        List<Version> weighted =
                others.stream().filter(v -> v.get(CanaryKey.WEIGHT) != null).toList();
        List<Version> chosen = weighted.isEmpty() ? others : weighted;
        return chosen.size() == 1 ? Optional.of(chosen.getFirst().name()) : Optional.empty();
    }

    /// The namespace as it will be when `edits` are written.
    public NamespaceView applied(List<AnnotationEdit> edits) {
        List<DeploymentFacts> deployments = new ArrayList<>(view.deployments());
        List<ServiceFacts> services = new ArrayList<>(view.services());
        for (AnnotationEdit edit : edits) {
            switch (edit.kind()) {
                case DEPLOYMENT ->
                    deployments.replaceAll(
                            d -> d.name().equals(edit.name()) ? d.with(edit.applied(d.annotations())) : d);
                case SERVICE ->
                    services.replaceAll(s -> s.name().equals(edit.name()) ? s.with(edit.applied(s.annotations())) : s);
            }
        }
        return view.with(deployments, services);
    }

    // ---- shared by several

    private Outcome mark(CanaryKey key, String reason, String verb, List<String> notes) {
        if (app.root() == null) {
            return noRoot();
        }
        String before = get(key);
        if (before != null && (reason.isEmpty() || reason.equals(before))) {
            return new Outcome.Unchanged(key.text() + " is set already: " + Names.shown(before));
        }
        return new Outcome.Write(onRoot(key, reason.isEmpty() ? "kubectl canary " + verb : reason), notes);
    }

    private Outcome unmark(CanaryKey key, String otherwise, List<String> notes) {
        if (app.root() == null) {
            return noRoot();
        }
        return get(key) == null
                ? new Outcome.Unchanged(app.name() + " " + otherwise)
                : judged(new Outcome.Write(List.of(AnnotationEdit.remove(Kind.SERVICE, app.name(), key)), notes), "");
    }

    /// Contradictions that were not there before are refused here, where everything is seen (design section 4).
    private Outcome judged(Outcome.Write write, String hint) {
        App after = applied(write.edits()).app(app.name());
        List<Problem> problems = new ArrayList<>(Contradictions.of(after));
        if (write.edits().size() == 1 && write.edits().getFirst().kind() == Kind.DEPLOYMENT) {
            Contradictions.sumSeenFrom(after, write.edits().getFirst().name())
                    .filter(_ -> problems.removeIf(p -> p.text().startsWith("sum ")))
                    .ifPresent(problems::addFirst);
        }
        problems.removeAll(Contradictions.of(app));
        return problems.isEmpty() ? write : new Outcome.Contradicts(write, problems, hint);
    }

    private List<AnnotationEdit> onRoot(CanaryKey key, String value) {
        return List.of(AnnotationEdit.set(Kind.SERVICE, app.name(), key, value));
    }

    private List<String> paused() {
        return get(CanaryKey.PAUSED) == null
                ? List.of()
                : List.of("paused: no advance until kubectl canary resume " + app.name());
    }

    private @Nullable String get(CanaryKey key) {
        ServiceFacts root = app.root();
        return root == null ? null : root.get(key);
    }

    /// The stable that is asked for, which may still be taking over; else the one of record.
    private @Nullable String stable() {
        return Contradictions.stableOrRecorded(app);
    }

    private @Nullable String recorded() {
        Release release = app.release();
        return release == null ? null : release.stable();
    }

    private Outcome noRoot() {
        return new Outcome.Refused("Service " + app.name() + " does not exist: it is the root of the app", "");
    }

    private Outcome unknown(String version, String hint) {
        return new Outcome.Refused(
                app.name() + " has no version " + Names.quoted(version) + "; it has " + listed(), hint);
    }

    private Outcome which(List<String> weighted, String verb) {
        return weighted.isEmpty()
                ? new Outcome.Refused(
                        "no version of " + app.name() + " has a weight; it has " + listed(),
                        verb + " --version=" + example())
                : new Outcome.Refused(
                        "several versions of " + app.name() + " have a weight: " + String.join(", ", weighted),
                        verb + " --version=" + weighted.getFirst());
    }

    private String listed() {
        return app.versions().isEmpty()
                ? "none"
                : app.versions().stream().map(Version::name).distinct().sorted().collect(Collectors.joining(", "));
    }

    private String example() {
        String stable = stable();
        return app.versions().stream()
                .map(Version::name)
                .filter(v -> !v.equals(stable))
                .sorted()
                .findFirst()
                .orElse("v2");
    }

    /// Reads `v1=50 v3=50`; empty where one is not of that form.
    public static Optional<Map<String, String>> pairs(List<String> words) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals <= 0 || pairs.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(pairs);
    }
}
