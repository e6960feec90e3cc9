// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Weight;
import io.canary.domain.json.JsonObject;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads a CanaryPolicy from its JSON, and says what is wrong with it in the same breath: the webhook refuses it so,
/// and
/// what came past the webhook rules as far as it can be read. Types and missing fields are the schema's to refuse.
public final class PolicyReader {
    private static final String EXAMPLE_ZONE = "Europe/Amsterdam";

    private final List<Problem> problems = new ArrayList<>();

    private PolicyReader() {}

    /// What came of reading.
    ///
    /// @param policy with the rules that can be read
    /// @param problems what is wrong; with one, it would not have been admitted
    public record Read(Policy policy, List<Problem> problems) {
        public Read {
            problems = List.copyOf(problems);
        }
    }

    /// Reads `object`, a whole CanaryPolicy.
    public static Read read(JsonObject object) {
        PolicyReader reader = new PolicyReader();
        Policy policy = reader.policy(object.object("metadata"), object.object("spec"));
        return new Read(policy, reader.problems);
    }

    private Policy policy(JsonObject metadata, JsonObject spec) {
        Set<Action> actions = spec.has("validationActions")
                ? actions("spec.validationActions", spec.texts("validationActions"))
                : Set.of(Action.DENY);
        JsonObject match = spec.object("match");
        JsonObject analysis = spec.object("requiredAnalysis");
        JsonObject duties = spec.object("separationOfDuties");
        Integer above = basisPoints(duties, "above", "spec.separationOfDuties.above");
        return new Policy(
                metadata.text("name"),
                metadata.text("uid"),
                actions,
                overrides(spec.object("actionOverrides")),
                new Policy.Match(
                        selector("spec.match.namespaceSelector", match.object("namespaceSelector")),
                        selector("spec.match.selector", match.object("selector")),
                        match.texts("excludeNamespaces")),
                exemptions(spec.objects("exemptions")),
                basisPoints(spec, "maxWeight", "spec.maxWeight"),
                basisPoints(spec, "maxStep", "spec.maxStep"),
                ages(spec.objects("weightByAge")),
                spec.countOrNull("minReplicas"),
                basisPoints(spec, "maxSplitError", "spec.maxSplitError"),
                spec.has("requiredAnalysis")
                        ? new Policy.Analysis(
                                orZero(basisPoints(analysis, "above", "spec.requiredAnalysis.above")),
                                analysis.texts("metrics"))
                        : null,
                spec.texts("requiredLabels"),
                allowed(spec, "hosts"),
                allowed(spec, "gateways"),
                images(spec.object("images")),
                spec.text("authorization").equals("Enforced"),
                spec.has("separationOfDuties") ? (Integer) orZero(above) : null,
                windows(spec.objects("windows")),
                spec.text("breakGlass").equals("Allowed"));
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }

    private static @Nullable List<String> allowed(JsonObject spec, String field) {
        return spec.has(field) ? spec.object(field).texts("allow") : null;
    }

    private static Policy.Images images(JsonObject images) {
        return new Policy.Images(
                images.flag("requireTag"),
                images.flag("forbidLatest"),
                images.flag("requireDigest"),
                images.texts("registries"));
    }

    private Set<Action> actions(String field, List<String> texts) {
        Set<Action> actions = EnumSet.noneOf(Action.class);
        for (String text : texts) {
            Optional<Action> action = Action.of(text);
            action.ifPresent(actions::add);
            if (action.isEmpty()) {
                wrong(field, Names.quoted(text) + " is none of Deny, Warn, Audit", "");
            }
        }
        if (actions.contains(Action.DENY) && actions.contains(Action.WARN)) {
            wrong(field, "Deny and Warn exclude each other: a refusal says it all", "leave one of them out");
        }
        if (texts.isEmpty()) {
            wrong(field, "names no action", "write one of Deny, Warn, Audit");
        }
        if (actions.isEmpty()) {
            actions.add(Action.AUDIT);
        }
        return actions;
    }

    private Map<PolicyRule, Set<Action>> overrides(JsonObject overrides) {
        Map<PolicyRule, Set<Action>> read = new EnumMap<>(PolicyRule.class);
        overrides.fields().forEach((key, value) -> {
            String text = String.valueOf(key);
            String field = "spec.actionOverrides[" + Names.shown(text) + "]";
            List<String> texts = value instanceof List<?> list
                    ? list.stream().map(String::valueOf).toList()
                    : List.of();
            rule(field, text).ifPresent(rule -> read.put(rule, actions(field, texts)));
        });
        return read;
    }

    private Optional<PolicyRule> rule(String field, String text) {
        Optional<PolicyRule> rule = PolicyRule.of(text);
        if (rule.isEmpty()) {
            wrong(
                    field,
                    Names.quoted(text) + " is no rule",
                    "the rules are "
                            + Stream.of(PolicyRule.values())
                                    .map(PolicyRule::text)
                                    .collect(Collectors.joining(", ")));
        }
        return rule;
    }

    private Selector selector(String field, JsonObject selector) {
        Map<String, String> labels = new HashMap<>();
        selector.object("matchLabels")
                .fields()
                .forEach((key, value) -> labels.put(String.valueOf(key), String.valueOf(value)));
        List<Selector.Requirement> requirements = new ArrayList<>();
        for (JsonObject expression : selector.objects("matchExpressions")) {
            String text = expression.text("operator");
            Stream.of(Selector.Operator.values())
                    .filter(operator -> operator.text().equals(text))
                    .findFirst()
                    .ifPresentOrElse(
                            operator -> requirements.add(new Selector.Requirement(
                                    expression.text("key"), operator, expression.texts("values"))),
                            () -> wrong(
                                    field + ".matchExpressions",
                                    Names.quoted(text) + " is none of In, NotIn, Exists, DoesNotExist",
                                    ""));
        }
        return new Selector(labels, requirements);
    }

    private List<Policy.Exemption> exemptions(List<JsonObject> objects) {
        List<Policy.Exemption> read = new ArrayList<>();
        for (int i = 0; i < objects.size(); i++) {
            JsonObject object = objects.get(i);
            String field = "spec.exemptions[" + i + "]";
            Set<PolicyRule> rules = EnumSet.noneOf(PolicyRule.class);
            for (String text : object.texts("rules")) {
                rule(field + ".rules", text).ifPresent(rules::add);
            }
            Instant until = object.instant("until");
            if (until == null) {
                wrong(
                        field + ".until",
                        Names.quoted(object.text("until")) + " is no time",
                        "write e.g. 2026-12-01T00:00:00Z");
            } else {
                read.add(new Policy.Exemption(
                        object.text("name"), object.texts("namespaces"), rules, until, object.text("reason")));
            }
        }
        return read;
    }

    private List<Policy.Aged> ages(List<JsonObject> objects) {
        List<Policy.Aged> read = new ArrayList<>();
        for (int i = 0; i < objects.size(); i++) {
            String field = "spec.weightByAge[" + i + "]";
            Duration after = duration(field + ".after", objects.get(i).text("after"), "30m");
            Integer max = basisPoints(objects.get(i), "max", field + ".max");
            if (after != null && max != null) {
                read.add(new Policy.Aged(after, max));
            }
        }
        return read;
    }

    private @Nullable Duration duration(String field, String text, String example) {
        Duration duration = Times.duration(text).orElse(null);
        if (duration == null) {
            wrong(
                    field,
                    Names.quoted(text) + " is not a duration of hours, minutes and seconds of at most a year",
                    "write e.g. " + example);
        }
        return duration;
    }

    /// A percentage with at most two decimals, a number in JSON.
    private @Nullable Integer basisPoints(JsonObject object, String name, String field) {
        Object value = object.fields().get(name);
        if (!(value instanceof Number number)) {
            return null;
        }
        try {
            int basisPoints =
                    new BigDecimal(number.toString()).movePointRight(2).intValueExact();
            if (basisPoints >= 0 && basisPoints <= Weight.ALL) {
                return basisPoints;
            }
        } catch (ArithmeticException | NumberFormatException _) {
            // told below
        }
        wrong(field, Names.shown(number.toString()) + " is not a percentage 0–100 with at most two decimals", "");
        return null;
    }

    private List<Window> windows(List<JsonObject> objects) {
        List<Window> read = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < objects.size(); i++) {
            JsonObject object = objects.get(i);
            String field = "spec.windows[" + i + "]";
            if (!names.add(object.text("name"))) {
                wrong(field + ".name", Names.quoted(object.text("name")) + " stands there twice", "");
            }
            Window.Times times = times(field, object);
            if (times != null) {
                read.add(new Window(
                        object.text("name"),
                        object.text("kind").equals("Allow") ? Window.Kind.ALLOW : Window.Kind.DENY,
                        times,
                        !object.text("inProgress").equals("Continue")));
            }
        }
        return read;
    }

    private Window.@Nullable Times times(String field, JsonObject object) {
        boolean recurring = Stream.of("schedule", "duration", "timeZone").anyMatch(object::has);
        boolean once = object.has("from") || object.has("to");
        if (recurring == once) {
            wrong(
                    field,
                    recurring ? "has a schedule and dates" : "has no time",
                    "write schedule, duration and timeZone, or from and to");
            return null;
        }
        return once ? once(field, object) : recurring(field, object);
    }

    private Window.@Nullable Times once(String field, JsonObject object) {
        Instant from = object.instant("from");
        Instant to = object.instant("to");
        if (from == null || to == null) {
            wrong(
                    field + (from == null ? ".from" : ".to"),
                    Names.quoted(object.text(from == null ? "from" : "to")) + " is no time",
                    "write e.g. 2026-12-18T00:00:00+01:00");
            return null;
        }
        if (!from.isBefore(to)) {
            wrong(field, "from " + from + " is not before to " + to, "");
            return null;
        }
        return new Window.Times.Once(from, to);
    }

    private Window.@Nullable Times recurring(String field, JsonObject object) {
        String schedule = object.text("schedule");
        Duration duration = duration(field + ".duration", object.text("duration"), "63h");
        if (duration != null && duration.compareTo(Duration.ofMinutes(1)) < 0) {
            wrong(field + ".duration", Names.quoted(object.text("duration")) + " is less than a minute", "");
            duration = null;
        }
        ZoneId zone = zone(field + ".timeZone", object.text("timeZone"));
        return switch (Cron.read(schedule)) {
            case Cron.Read.Wrong(String why) -> {
                wrong(
                        field + ".schedule",
                        Names.quoted(schedule) + " is no schedule of cron: " + Names.printable(why),
                        "write e.g. \"0 17 * * 5\"");
                yield null;
            }
            case Cron.Read.Schedule(Cron cron) ->
                duration == null || zone == null ? null : new Window.Times.Recurring(cron, duration, zone);
        };
    }

    private @Nullable ZoneId zone(String field, String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException _) {
            wrong(field, Names.quoted(text) + " is no time zone", "write e.g. " + EXAMPLE_ZONE + " or UTC");
            return null;
        }
    }

    private void wrong(String field, String text, String cure) {
        problems.add(new Problem(field, text, cure));
    }
}
