// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.edit.Edits;
import io.canary.domain.edit.Outcome;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.AppName;
import io.canary.kubectl.cli.Arguments;
import io.canary.kubectl.cli.CommandLine;
import io.canary.kubectl.cli.HelpText;
import io.canary.kubectl.cli.Usage;
import io.canary.kubectl.cli.Verb;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What each verb does.
public final class Verbs {
    private Verbs() {}

    /// Whether `verb` calls kubectl at all.
    public static boolean needsCluster(Verb verb, Arguments arguments) {
        return switch (verb) {
            case COMPLETION, OPTIONS, POLICY_TEST -> false;
            case VERSION -> !arguments.on("client");
            case INSTALL -> !arguments.value("dry-run").equals("client");
            case START ->
                !arguments.value("dry-run").equals("client")
                        || arguments.value("filename").isEmpty();
            default -> true;
        };
    }

    /// Runs `verb` and returns the exit code.
    public static int run(Verb verb, Session session) {
        Arguments given = session.arguments();
        // Before anything is written: a wrong time would be told after it.
        if (given.given("timeout") && Waiting.timeout(session).isEmpty()) {
            return ExitCode.USAGE;
        }
        if (Overriding.unreadable(session)) {
            return ExitCode.USAGE;
        }
        Optional<CommandLine.Wrong> wrong = appNames(verb, given).stream()
                .flatMap(name -> AppName.wrong(name).stream())
                .findFirst();
        if (wrong.isPresent()) {
            session.failed(wrong.get().error(), wrong.get().hint());
            return ExitCode.USAGE;
        }
        return switch (verb) {
            case STATUS -> Status.run(session);
            case LIST -> Listing.run(session);
            case HISTORY -> History.run(session);
            case PLAN -> Planned.run(session);
            case CHECK -> Check.run(session);
            case START -> Start.run(session);
            case WAIT -> WaitFor.run(session);
            case VERIFY -> Verify.run(session);
            case SET_WEIGHT -> weights(session);
            case SET_HOSTS -> entry(session, CanaryKey.HOSTS);
            case SET_USERS -> entry(session, CanaryKey.USERS);
            case PROMOTE -> Edit.run(session, edits -> edits.promote(optional(given, "version")), Goal::promotion);
            case UNDO -> undo(session);
            case ABORT -> Edit.run(session, edits -> edits.abort(given.value("reason")), (_, app) -> Goal.abort(app));
            case RETRY -> Edit.run(session, Edits::retry, (_, _) -> Goal.retry());
            case PAUSE -> Edit.run(session, edits -> edits.pause(given.value("reason")), (_, _) -> Goal.resume());
            case RESUME -> Edit.run(session, Edits::resume, (_, _) -> Goal.resume());
            case SCALE -> {
                String count = given.plain().get(1);
                yield Edit.run(session, edits -> edits.scale(count), (_, _) -> Goal.total(count));
            }
            case ADOPT -> Edit.run(session, Edits::adopt, (_, _) -> Goal.adopted());
            case DETACH -> Edit.run(session, Edits::detach, (_, _) -> Goal.detached());
            case POLICY_LIST -> PolicyList.run(session);
            case POLICY_EXPLAIN -> PolicyExplain.run(session);
            case POLICY_TEST -> PolicyTest.run(session);
            case POLICY_REPORT -> PolicyReport.run(session);
            case INSTALL -> Install.run(session);
            case UNINSTALL -> Uninstall.run(session);
            case VERSION -> Version.run(session);
            case COMPLETION -> Completion.run(session);
            case OPTIONS -> {
                session.terminal().print(HelpText.options());
                yield ExitCode.DONE;
            }
        };
    }

    private static @Nullable String optional(Arguments given, String flag) {
        return given.given(flag) ? given.value(flag) : null;
    }

    /// The words that name apps.
    private static List<String> appNames(Verb verb, Arguments given) {
        boolean one = verb == Verb.START || given.usage().completes() == Usage.Completes.APP;
        return given.usage().completes() == Usage.Completes.APPS
                ? given.plain()
                : one ? given.plain().stream().limit(1).toList() : List.of();
    }

    private static int undo(Session session) {
        boolean dry = !session.arguments().value("dry-run").equals("none");
        String app = session.arguments().plain().getFirst();
        if (session.arguments().given(Overriding.FLAG) && !session.arguments().given("to-version")) {
            session.terminal().error("back to the version before no policy stands in the way: nothing is to override");
            session.terminal().hint("kubectl canary undo " + app + ", or with --to-version=VERSION");
            return ExitCode.USAGE;
        }
        if (!dry && !session.arguments().on("yes")) {
            if (!session.terminal().interactive("02")) {
                session.terminal().error("undo moves all traffic of " + app + " and nobody is here to be asked");
                session.terminal().hint("kubectl canary undo " + app + " --yes");
                return ExitCode.USAGE;
            }
            String to = session.arguments().value("to-version");
            if (!session.terminal()
                    .confirmed("Move all traffic of " + app + " back to " + (to.isEmpty() ? "the version before" : to)
                            + "?")) {
                return session.failed("nothing was written", "");
            }
        }
        return Edit.run(session, edits -> edits.undo(optional(session.arguments(), "to-version")), Goal::undo);
    }

    private static int weights(Session session) {
        List<String> words = session.arguments().plain();
        List<String> values = words.subList(1, words.size());
        Optional<Map<String, String>> pairs = Edits.pairs(values);
        boolean bare = values.size() == 1 && !values.getFirst().contains("=");
        if (pairs.isEmpty() && !bare) {
            session.failed(
                    "set weight takes one PERCENT, or VERSION=PERCENT for each version",
                    "kubectl canary set weight " + words.getFirst() + " v2=20 v3=30");
            return ExitCode.USAGE;
        }
        return Edit.run(
                session,
                edits -> bare ? bareWeight(session, edits, values.getFirst()) : edits.weights(pairs.orElseThrow()),
                (write, _) -> Goal.weights(write));
    }

    private static Outcome bareWeight(Session session, Edits edits, String percent) {
        String app = session.arguments().plain().getFirst();
        return versionMeant(session, edits)
                .map(version -> edits.weights(Map.of(version, percent)))
                .orElseGet(() -> new Outcome.Refused(
                        "which version of " + app + " shall have " + percent + "?",
                        "set weight " + app + " VERSION=" + percent));
    }

    /// The version in `--version`, else the one that verbs without a version mean.
    private static Optional<String> versionMeant(Session session, Edits edits) {
        return Optional.ofNullable(optional(session.arguments(), "version")).or(edits::besideStable);
    }

    private static int entry(Session session, CanaryKey key) {
        List<String> words = session.arguments().plain();
        return Edit.run(
                session,
                edits -> versionMeant(session, edits)
                        .map(version -> edits.entry(key, version, words.subList(1, words.size())))
                        .orElseGet(() -> new Outcome.Refused(
                                "which version of " + words.getFirst() + "? Name it with --version", "")),
                (_, _) -> Goal.inForce());
    }
}
