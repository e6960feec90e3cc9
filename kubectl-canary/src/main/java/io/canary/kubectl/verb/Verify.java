// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.App;
import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.json.JsonObject;
import io.canary.domain.verify.Expectation;
import io.canary.domain.verify.Recognition;
import io.canary.domain.verify.Tally;
import io.canary.domain.verify.Verdict;
import io.canary.domain.verify.Verification;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import io.canary.kubectl.http.Address;
import io.canary.kubectl.http.Request;
import io.canary.kubectl.view.VerifyView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `verify`: measures the split by real requests and compares it with the one in force.
final class Verify {
    private static final String GATEWAYS = "gateways.gateway.networking.k8s.io";

    private final Session session;
    private final VerifyOptions options;
    private final Snapshot snapshot;
    private final App app;
    private final Release release;

    private Verify(Session session, VerifyOptions options, Snapshot snapshot, App app, Release release) {
        this.session = session;
        this.options = options;
        this.snapshot = snapshot;
        this.app = app;
        this.release = release;
    }

    static int run(Session session) {
        Optional<VerifyOptions> options = VerifyOptions.read(session);
        return options.isEmpty() ? ExitCode.USAGE : run(session, options.get());
    }

    private static int run(Session session, VerifyOptions options) {
        String typed = session.arguments().plain().getFirst();
        // Routes name the Gateway and the host; who gives both needs no right to read them.
        Address address = options.address();
        boolean finds = address == null || (options.host().isEmpty() && address.nameless());
        return switch (Apps.find(session, typed, finds ? Apps.KINDS + "," + Apps.ROUTES : Apps.KINDS)) {
            case Apps.Found.Ended(int code) -> code;
            case Apps.Found.App(Snapshot snapshot, String name) -> {
                App app = snapshot.view().app(name);
                Release release = app.release();
                if (release == null || release.versions().isEmpty()) {
                    yield session.failed(
                            name + " has no Release that tells a split: is it managed?",
                            "kubectl canary status " + name);
                }
                yield new Verify(session.in(app.namespace()), options, snapshot, app, release).run();
            }
        };
    }

    /// Where requests go, or the exit code of the error that was told.
    private sealed interface Way {
        /// @param route whose Gateway it is, or null where the address was given
        record Through(
                Address address, String host, @Nullable Entrance route) implements Way {}

        record None(int code) implements Way {}
    }

    private int run() {
        return switch (way()) {
            case Way.None(int code) -> code;
            case Way.Through way -> measure(way);
        };
    }

    private Way way() {
        Address given = options.address();
        List<Entrance> entrances = Entrance.of(snapshot, app);
        if (given == null) {
            return found(entrances);
        }
        if (!options.host().isEmpty()) {
            return new Way.Through(given, options.host(), null);
        }
        Optional<String> host = given.nameless()
                ? entrances.stream()
                        .map(each -> each.host(""))
                        .filter(each -> !each.isEmpty())
                        .findFirst()
                : Optional.empty();
        return new Way.Through(given, host.orElse(given.authority()), null);
    }

    /// The first Gateway that listens and has an address.
    private Way found(List<Entrance> entrances) {
        List<String> looked = new ArrayList<>();
        for (Entrance entrance : entrances) {
            switch (Reading.of(session.in(entrance.namespace())
                    .kubectl()
                    .quietly("get", GATEWAYS, entrance.gateway(), "--output=json"))) {
                case Reading.Got(String text) -> {
                    switch (entrance.at(JsonObject.of(Json.read(text)))) {
                        case Entrance.Open.At(Address address, String hostname) -> {
                            String host = options.host().isEmpty() ? entrance.host(hostname) : options.host();
                            return new Way.Through(address, host.isEmpty() ? address.authority() : host, entrance);
                        }
                        case Entrance.Open.Closed(String why) ->
                            looked.add("Gateway " + entrance.name() + " of "
                                    + entrance.route().title() + " " + why);
                    }
                }
                case Reading.NotFound _ ->
                    looked.add("Gateway " + entrance.name() + " of "
                            + entrance.route().title() + " is not there");
                case Reading other -> {
                    return new Way.None(Apps.told(session, other));
                }
            }
        }
        looked.forEach(line -> session.terminal().note(line));
        session.terminal()
                .note(looked.isEmpty() ? "no HTTPRoute at a Gateway sends traffic to Service " + app.name() : "");
        session.terminal()
                .note("In a mesh, run it in a pod that has the mesh, with --address=http://" + app.name()
                        + ":PORT. A port-forward to the Service measures nothing: it ends at one pod, past the split.");
        return new Way.None(session.failed(
                "found no address that leads to " + app.name(),
                "kubectl port-forward -n NAMESPACE service/GATEWAY 8080:80, then kubectl canary verify " + app.name()
                        + " --address=http://localhost:8080 --host=HOST"));
    }

    private int measure(Way.Through way) {
        Expectation expected = Expectation.of(app, release, options.user(), way.host());
        VerifyView.Setting setting = new VerifyView.Setting(
                app.name(),
                app.namespace(),
                way.address().text() + options.fullPath(),
                way.host(),
                options.by().text(),
                options.requests());
        expected.notes().forEach(note -> session.terminal().note(note));
        Request request = new Request(
                way.address(),
                way.host(),
                options.fullPath(),
                options.headers(),
                options.timeout(),
                options.insecure());
        Recognition recognition = Recognition.of(options.by(), app, release);
        try (Counting counting = new Counting(session.terminal(), setting, recognition)) {
            counting.count(request, options);
            return told(setting, way, expected, counting);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.INTERRUPTED;
        }
    }

    private int told(VerifyView.Setting setting, Way.Through way, Expectation expected, Counting counting) {
        Tally tally = counting.tally();
        Verification verification = new Verification(expected, tally);
        if (counting.interrupted()) {
            show(setting, verification, "interrupted");
            session.failed(
                    "interrupted after " + tally.sent() + " of " + setting.wanted() + " requests: no verdict", "");
            return ExitCode.INTERRUPTED;
        }
        if (counting.gaveUp()) {
            return untold(setting, tally, counting);
        }
        Optional<Integer> changed = changed(way, expected);
        if (changed.isPresent()) {
            show(setting, verification, "changed");
            return changed.get();
        }
        Verdict verdict = verification.verdict();
        show(setting, verification, verdict.text());
        return switch (verdict) {
            case Verdict.Inside() -> ExitCode.DONE;
            case Verdict.Outside(List<Verification.Row> rows) -> outside(rows, way, expected);
            case Verdict.Incomplete(int failed, int unknown) -> {
                session.failed(
                        "the shares are inside, but of %d requests %d failed and %d told no version"
                                .formatted(tally.sent(), failed, unknown),
                        counting.hint());
                yield ExitCode.CHECK_FAILED;
            }
        };
    }

    private void show(VerifyView.Setting setting, Verification verification, String verdict) {
        if (!session.arguments().value("output").isEmpty()) {
            Output.tree(session, VerifyView.data(setting, verification, verdict));
            return;
        }
        boolean judged = !verdict.equals("changed") && !verdict.equals("interrupted");
        session.terminal().print(VerifyView.lines(setting, verification, judged));
    }

    private int outside(List<Verification.Row> rows, Way.Through way, Expectation expected) {
        rows.forEach(row -> session.terminal().error(VerifyView.outside(row, expected.basis())));
        Entrance entrance = way.route();
        if (entrance != null && !entrance.route().managed() && release.mode() == Release.Mode.ROUTE) {
            session.terminal().note(entrance.route().bypass(app.name()));
            session.terminal().hint(entrance.route().toManage());
        } else {
            session.terminal().hint("kubectl canary check " + app.name());
        }
        return ExitCode.CHECK_FAILED;
    }

    /// The exit code where what is expected is another now, so that what was measured is of two splits.
    private Optional<Integer> changed(Way.Through way, Expectation before) {
        return switch (Apps.look(session, "service/" + app.name(), Apps.KINDS)) {
            case Apps.Look.At(Apps.Found.App(Snapshot now, String name)) -> {
                App again = now.view().app(name);
                Release latest = again.release();
                Expectation after = latest == null ? null : Expectation.of(again, latest, options.user(), way.host());
                if (after != null
                        && after.shares().equals(before.shares())
                        && after.basis().equals(before.basis())) {
                    yield Optional.empty();
                }
                session.failed(
                        "the shares changed while they were measured: " + before.text() + ", now "
                                + (after == null ? "there is no Release" : after.text()),
                        "kubectl canary wait " + app.name() + " --for=phase=Canary,Stable, then measure again");
                yield Optional.of(ExitCode.ENDED_BADLY);
            }
            case Apps.Look.Nobody(String error, String hint) -> Optional.of(session.failed(error, hint));
            case Apps.Look.Not(Reading why) -> Optional.of(Apps.told(session, why));
        };
    }

    /// The first answers told nothing.
    private int untold(VerifyView.Setting setting, Tally tally, Counting counting) {
        List<String> seen = new ArrayList<>();
        tally.failures().forEach((kind, count) -> seen.add(count + " x " + Names.printable(kind)));
        if (tally.unknown() == 0) {
            return session.failed(
                    "none of the first %d requests to %s as %s was answered with success: %s"
                            .formatted(tally.sent(), setting.url(), setting.host(), String.join(", ", seen)),
                    counting.hint());
        }
        session.terminal().note(counting.seen());
        return session.failed(
                "no version could be told from the first %d answers, by %s"
                        .formatted(tally.sent(), Names.printable(setting.by())),
                "name where it stands, --by=header:NAME or --by='body:REGEX'; it must be or contain one of "
                        + release.versions().stream()
                                .map(Release.VersionStatus::name)
                                .sorted()
                                .collect(Collectors.joining(", ")));
    }
}
