// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.load.OpenLoop;
import io.canary.e2e.load.OpenLoop.Timed;
import io.canary.e2e.load.ServerMetrics;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/// How much longer a call of the API server takes because of the hooks.
///
/// All calls are dry runs (`dryRun=All`): they pass all of admission and store nothing, so neither etcd's disk nor the
/// controllers that act on new objects blur what admission adds. One phase is measured before the product is installed,
/// the same again after; objects without a key are among both, and show what else changed between the two.
final class AdmissionLatency {
    private static final int EACH = 1_000;
    private static final int WARM_UP = 225;
    private static final int AT_ONCE = 500;
    private static final int WAVES = 4;
    private static final int RATE = 67; // calls a second, three of four with a key
    private static final String DRY_RUN = "?dryRun=All";
    private static final String DURATION = "apiserver_admission_webhook_admission_duration_seconds_";
    private static final List<String> HOOKS = List.of("mutate.canary.io", "canary-must-be-running.canary.io");

    private final Lab lab;
    private final ShopApp app;
    private final LongAdder askedAgain = new LongAdder();

    /// What is called. Of four calls one each, so that noise hits all alike.
    enum Kind {
        PLAIN("create a Deployment without a key"),
        LOWER("lower canary.io/weight (2 hook calls)"),
        UPDATE("raise it (2 hook calls, rights are asked)"),
        CREATE("create one with it (2 hook calls, rights are asked)");

        final String label;

        Kind(String label) {
            this.label = label;
        }
    }

    /// One run of everything.
    ///
    /// @param failed calls that did not get a 2xx in the end
    /// @param askedAgain how often a call was made again because the answer asked for it
    record Phase(
            Map<Kind, Samples> steady,
            Samples plainAtOnce,
            Samples keyedAtOnce,
            List<Timed> failed,
            long askedAgain,
            Mark before,
            Mark between,
            Mark after) {
        Samples steady(Kind kind) {
            return Objects.requireNonNull(steady.get(kind));
        }
    }

    /// What was counted until a moment.
    ///
    /// @param productSeconds of processor time, 0 while there is no product
    record Mark(ServerMetrics server, double productSeconds) {}

    /// @param namespace that is used for nothing else
    AdmissionLatency(Lab lab, String namespace) {
        this.lab = lab;
        this.app = new ShopApp(namespace, "order");
    }

    /// Creates what the calls refer to.
    void prepare() {
        lab.namespace(app.namespace());
        lab.api().create(app.services(), app.rootService(Map.of())).required();
        lab.api().create(app.deployments(), app.deployment("v1", 1, Map.of())).required();
        lab.api()
                .create(app.deployments(), app.deployment("v2", 0, Map.of("canary.io/weight", "10")))
                .required();
    }

    private Mark mark() {
        var pods = lab.product().pods(lab.cluster());
        double seconds =
                pods.isEmpty() ? 0 : ProcessFigures.of(lab.productPid()).cpuSeconds();
        return new Mark(ServerMetrics.of(lab.api()), seconds);
    }

    /// Makes all calls once: at a steady rate, then many at once.
    Phase measure() {
        List<Timed> failed = new ArrayList<>();
        askedAgain.reset();
        OpenLoop.run(RATE, WARM_UP, this::mixed);
        Mark before = mark();
        List<Timed> steady = OpenLoop.run(RATE, EACH * Kind.values().length, this::mixed);
        Mark between = mark();
        Map<Kind, Samples> byKind = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            byKind.put(
                    kind,
                    succeeded(
                            steady.stream()
                                    .filter(t -> kind(t.number()) == kind)
                                    .toList(),
                            failed));
        }
        Samples plain = waves(Kind.PLAIN, failed);
        Samples keyed = waves(Kind.CREATE, failed);
        return new Phase(byKind, plain, keyed, failed, askedAgain.sum(), before, between, mark());
    }

    private Samples waves(Kind kind, List<Timed> failed) {
        OpenLoop.atOnce(AT_ONCE, number -> call(kind, number)); // connections and compilers get warm
        List<Timed> all = new ArrayList<>();
        for (int i = 0; i < WAVES; i++) {
            all.addAll(OpenLoop.atOnce(AT_ONCE, number -> call(kind, number)));
        }
        return succeeded(all, failed);
    }

    private static Samples succeeded(List<Timed> calls, List<Timed> failed) {
        calls.stream().filter(t -> !t.answer().succeeded()).forEach(failed::add);
        return Samples.of(calls.stream().filter(t -> t.answer().succeeded()).mapToLong(Timed::took));
    }

    private static Kind kind(int number) {
        return Kind.values()[number % Kind.values().length];
    }

    private ApiCalls.Answer mixed(int number) {
        return call(kind(number), number);
    }

    private ApiCalls.Answer call(Kind kind, int number) {
        return ApiCalls.asClientsDo(() -> once(kind, number), askedAgain);
    }

    private ApiCalls.Answer once(Kind kind, int number) {
        String fresh = "order-w" + number;
        return switch (kind) {
            case PLAIN ->
                lab.api().create(app.deployments() + DRY_RUN, app.deployment(fresh, "w" + number, 1, Map.of()));
            case CREATE ->
                lab.api()
                        .create(
                                app.deployments() + DRY_RUN,
                                app.deployment(fresh, "w" + number, 1, Map.of("canary.io/weight", "5")));
            case LOWER -> lab.api().merge(app.deployment("v2") + DRY_RUN, ShopApp.weight(1 + number % 9));
            case UPDATE -> lab.api().merge(app.deployment("v2") + DRY_RUN, ShopApp.weight(11 + number % 50));
        };
    }

    /// What the hooks add to an API call.
    void report(Phase without, Phase with) {
        table("Admission: what the hooks add to an API call", "product", without, with);
        Report report = lab.report();
        report.bar("admission added, p99, lower at 50/s", added(Kind.LOWER, with, without), 5, "ms");
        report.line("with rights asked, p99: raise +%.1f ms, create +%.1f ms"
                .formatted(added(Kind.UPDATE, with, without), added(Kind.CREATE, with, without)));
        report.bar(
                "admission added, p99, " + AT_ONCE + " at once",
                with.keyedAtOnce().p99() - without.keyedAtOnce().p99(),
                25,
                "ms");
        report.bar("failed calls, all of the above", failures(without, with), 0, "");
    }

    /// What many policies add to that.
    void reportPolicies(String what, Phase without, Phase with) {
        table("What " + what + " add to an API call", "policies", without, with);
        lab.report().bar(what + " add, p99, lower at 50/s", added(Kind.LOWER, with, without), 5, "ms");
        lab.report().bar(what + " add, p99, raise at 50/s", added(Kind.UPDATE, with, without), 5, "ms");
        lab.report().bar("failed calls with " + what, failures(without, with), 0, "");
    }

    /// What a key adds to a call, where there is no phase without the product to compare with.
    void reportAlone(Phase with) {
        Report report = lab.report();
        report.title("Admission: calls with a key against calls without, in the same run");
        report.timesHead("at 50 calls/s with a key");
        for (Kind kind : Kind.values()) {
            report.times(kind.label, with.steady(kind));
        }
        report.timesHead(AT_ONCE + " calls at once, " + WAVES + " times");
        report.times(Kind.PLAIN.label, with.plainAtOnce());
        report.times(Kind.CREATE.label, with.keyedAtOnce());
        hooks("at 50/s", with.before(), with.between());
        hooks(AT_ONCE + " at once", with.between(), with.after());
        report.bar(
                "a key added, p99, " + AT_ONCE + " at once",
                with.keyedAtOnce().p99() - with.plainAtOnce().p99(),
                25,
                "ms");
        report.bar("failed calls", failures(with.failed(), with), 0, "");
    }

    private void table(String title, String whose, Phase without, Phase with) {
        Report report = lab.report();
        report.title(title);
        report.line("Dry runs on a fixed schedule of " + RATE
                + " calls/s, 50 of them with a key; times from when a call was due.");
        report.timesHead("at 50 calls/s with a key");
        for (Kind kind : Kind.values()) {
            both(kind.label, whose, with.steady(kind), without.steady(kind));
        }
        report.timesHead(AT_ONCE + " calls at once, " + WAVES + " times");
        both(Kind.PLAIN.label, whose, with.plainAtOnce(), without.plainAtOnce());
        both(Kind.CREATE.label, whose, with.keyedAtOnce(), without.keyedAtOnce());
        hooks("at 50/s", with.before(), with.between());
        hooks(AT_ONCE + " at once", with.between(), with.after());
    }

    private void both(String label, String whose, Samples with, Samples without) {
        lab.report().times(label + ", without", without);
        lab.report().times("  with the " + whose, with);
        lab.report().added("  added", with, without);
    }

    private static double added(Kind kind, Phase with, Phase without) {
        return with.steady(kind).p99() - without.steady(kind).p99();
    }

    /// What the API server itself measured for each hook.
    private void hooks(String when, Mark from, Mark until) {
        ServerMetrics before = from.server();
        ServerMetrics after = until.server();
        double all = 0;
        for (String hook : HOOKS) {
            String name = "name=\"" + hook + "\"";
            double count = after.since(before, DURATION + "count", name);
            all += count;
            lab.report()
                    .line(
                            "API server's own clock, %s, %s: n %.0f, mean %.2f ms, within 5 ms %.1f %%, within 25 ms %.1f %%"
                                    .formatted(
                                            when,
                                            hook,
                                            count,
                                            1e3 * after.since(before, DURATION + "sum", name) / count,
                                            100
                                                    * after.since(before, DURATION + "bucket", name, "le=\"0.005\"")
                                                    / count,
                                            100
                                                    * after.since(before, DURATION + "bucket", name, "le=\"0.025\"")
                                                    / count));
        }
        lab.report()
                .line("the product's processor time, %s: %.2f ms a hook call"
                        .formatted(when, 1e3 * (until.productSeconds() - from.productSeconds()) / all));
    }

    /// Calls that failed, and hook calls that failed although nobody saw it (`failurePolicy: Ignore`).
    private double failures(Phase without, Phase with) {
        List<Timed> all = new ArrayList<>(without.failed());
        all.addAll(with.failed());
        return failures(all, with);
    }

    private double failures(List<Timed> all, Phase with) {
        all.stream()
                .limit(3)
                .forEach(t -> lab.report()
                        .line("failed: " + t.answer().status() + " "
                                + t.answer().text()));
        double passedBy =
                with.after().server().since(with.before().server(), "apiserver_admission_webhook_fail_open_count");
        lab.report()
                .line("failed: %d calls; hook calls passed by: %.0f; made again as asked: %d"
                        .formatted(all.size(), passedBy, with.askedAgain()));
        return all.size() + passedBy;
    }
}
