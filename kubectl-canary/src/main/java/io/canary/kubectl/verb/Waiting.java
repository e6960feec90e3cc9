// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Release;
import io.canary.domain.json.ReleaseJson;
import io.canary.domain.progress.ProgressView;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Follows one Release by one watch until it is as wanted, or will not be.
final class Waiting {
    private static final Pattern DURATION =
            Pattern.compile("(?:[0-9]{1,9}(?:\\.[0-9]{1,9})?(?:ns|us|\u00b5s|ms|s|m|h))+");
    private static final Pattern PART = Pattern.compile("([0-9.]+)(ns|us|\u00b5s|ms|s|m|h)");
    private static final Duration FOR_EVER = Duration.ofDays(365);

    /// How long the Release may take to show what we wrote: it is written at most once a second.
    private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);

    /// How often a line says that it still waits (cli.md section 2).
    static final Duration STILL = Duration.ofSeconds(30);

    private Waiting() {}

    /// A Go duration, as `90s`, `1h30m`, `1.5h` or `500ms`, of at most a year; `0` is for ever.
    static Optional<Duration> duration(String text) {
        if (text.equals("0")) {
            return Optional.of(FOR_EVER);
        }
        if (!DURATION.matcher(text).matches()) {
            return Optional.empty();
        }
        BigDecimal nanoseconds = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            nanoseconds = nanoseconds.add(
                    new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanoseconds(part.group(2)))));
        }
        return Optional.of(Duration.ofNanos(nanoseconds
                .min(BigDecimal.valueOf(FOR_EVER.toNanos()))
                .setScale(0, RoundingMode.DOWN)
                .longValueExact()));
    }

    private static long nanoseconds(String unit) {
        return switch (unit) {
            case "h" -> 3_600_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "s" -> 1_000_000_000L;
            case "ms" -> 1_000_000L;
            case "ns" -> 1;
            default -> 1_000;
        };
    }

    /// The value of `--timeout`; tells what is wrong with it where there is none.
    static Optional<Duration> timeout(Session session) {
        String text = session.arguments().value("timeout");
        Optional<Duration> timeout = duration(text);
        if (timeout.isEmpty()) {
            session.failed("--timeout: \"%s\" is not a duration (write e.g. 90s or 5m)".formatted(text), "");
        }
        return timeout;
    }

    /// Waits until `goal` is reached; returns the exit code. For a moment after a write of ours the Release may still
    /// tell of the time before, when the app was aborted or degraded.
    static int until(Session session, String typed, Goal goal) {
        Optional<Duration> timeout = timeout(session);
        if (timeout.isEmpty()) {
            return ExitCode.USAGE;
        }
        try (ReleaseWatch watch = new ReleaseWatch(session, typed)) {
            Wait wait = new Wait(session, watch, goal, timeout.get());
            while (true) {
                Integer ended = wait.after(watch.next(wait.left()));
                if (ended != null) {
                    return ended;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.ERROR;
        }
    }

    /// One wait under way.
    private static final class Wait {
        private final Session session;
        private final ReleaseWatch watch;
        private final Goal goal;
        private final Duration timeout;
        private final long began = System.nanoTime();
        private @Nullable Release last;
        private String shown = "";
        private long shownAt = began;

        Wait(Session session, ReleaseWatch watch, Goal goal, Duration timeout) {
            this.session = session;
            this.watch = watch;
            this.goal = goal;
            this.timeout = timeout;
        }

        /// How long until there is something to do though nothing came.
        Duration left() {
            long now = System.nanoTime();
            long end = Math.min(began + timeout.toNanos(), shownAt + STILL.toNanos());
            if (endsBadly()) {
                end = Math.min(end, began + UNTIL_SEEN.toNanos());
            }
            return Duration.ofNanos(Math.max(0, end - now));
        }

        /// The exit code if there is nothing more to wait for.
        @Nullable
        Integer after(ReleaseWatch.@Nullable Seen seen) {
            return switch (seen) {
                case ReleaseWatch.Seen.Ended(int code) -> code;
                case ReleaseWatch.Seen.Changed(var object) -> {
                    last = ReleaseJson.read(object.object("status"));
                    show(ProgressView.line(watch.app(), last));
                    yield goal.reached().test(last) ? done(goal.told().apply(last)) : over();
                }
                case ReleaseWatch.Seen.Gone _ -> without("was handed back: its Release is gone");
                case ReleaseWatch.Seen.Absent _ -> without("has no Release yet");
                case null -> over();
            };
        }

        private @Nullable Integer without(String what) {
            if (goal.gone()) {
                return done("handed back");
            }
            last = null;
            show(watch.app() + "  " + what);
            return over();
        }

        private Integer done(String what) {
            session.terminal()
                    .note("%s: %s (%ds)"
                            .formatted(
                                    watch.app(),
                                    what,
                                    Duration.ofNanos(System.nanoTime() - began).toSeconds()));
            return ExitCode.DONE;
        }

        private void show(String line) {
            if (!line.equals(shown)) {
                shown = line;
                tell();
            }
        }

        private void tell() {
            shownAt = System.nanoTime();
            session.terminal().note(shown.isEmpty() ? watch.app() + "  has no Release yet" : shown);
        }

        private @Nullable Integer over() {
            long now = System.nanoTime();
            Release release = last;
            if (release != null && endsBadly() && now - began >= UNTIL_SEEN.toNanos()) {
                String app = watch.app();
                return switch (release.phase()) {
                    case ABORTED -> ended(app + " was aborted", "retry " + app);
                    case CONFLICT -> ended(app + " is in conflict: " + release.message(), "check " + app);
                    default -> ended(app + " is degraded: " + release.message(), "abort " + app);
                };
            }
            if (now - began >= timeout.toNanos()) {
                session.terminal()
                        .error("timed out waiting for " + watch.app() + (shown.isEmpty() ? "" : ": " + shown));
                session.terminal().hint("kubectl canary status " + watch.app());
                return ExitCode.TIMED_OUT;
            }
            if (now - shownAt >= STILL.toNanos()) {
                tell();
            }
            return null;
        }

        private int ended(String why, String next) {
            session.terminal().error(why);
            session.terminal().hint("kubectl canary " + next);
            return ExitCode.ENDED_BADLY;
        }

        private boolean endsBadly() {
            return last != null && goal.bad().contains(last.phase());
        }
    }
}
