// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Release;
import io.canary.domain.json.JsonObject;
import io.canary.domain.json.ReleaseJson;
import io.canary.domain.progress.ProgressView;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Follows one Release by one watch until it is as wanted, or will not be.
final class Waiting {
    private static final Pattern DURATION =
            Pattern.compile("(?=[0-9])(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,7})s)?");
    private static final Duration FOR_EVER = Duration.ofDays(365);

    /// How long the Release may take to show what we wrote: it is written at most once a second.
    private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);

    /// How often a line says that it still waits (cli.md section 2).
    private static final Duration STILL = Duration.ofSeconds(30);

    private Waiting() {}

    /// A Go duration of whole hours, minutes and seconds; `0` is for ever.
    static Optional<Duration> duration(String text) {
        if (text.equals("0")) {
            return Optional.of(FOR_EVER);
        }
        Matcher m = DURATION.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofHours(part(m, 1)).plusMinutes(part(m, 2)).plusSeconds(part(m, 3)));
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

    private static long part(Matcher m, int group) {
        return m.group(group) == null ? 0 : Long.parseLong(m.group(group));
    }

    /// Waits until `done`.
    static int until(Session session, String app, Predicate<Release> done) {
        return until(session, app, done, Duration.ZERO);
    }

    /// Waits until `done` after a write of ours: for a moment the Release may still tell of the time before, when the
    /// app was aborted or degraded.
    static int untilSeen(Session session, String app, Predicate<Release> done) {
        return until(session, app, done, UNTIL_SEEN);
    }

    private static int until(Session session, String app, Predicate<Release> done, Duration grace) {
        Optional<Duration> timeout = timeout(session);
        if (timeout.isEmpty()) {
            return ExitCode.USAGE;
        }
        BlockingQueue<Optional<Release>> seen = new LinkedBlockingQueue<>();
        List<String> call =
                List.of("get", Apps.RELEASES, "--field-selector=metadata.name=" + app, "--watch", "--output=json");
        Wait wait = new Wait(session, app, System.nanoTime(), timeout.get(), grace);
        try (Kubectl.Following following = session.kubectl()
                .follow(
                        call,
                        value -> seen.add(Optional.of(
                                ReleaseJson.read(JsonObject.of(value).object("status")))),
                        () -> seen.add(Optional.empty()))) {
            Release last = null;
            while (true) {
                Optional<Release> next = seen.poll(wait.left(last), TimeUnit.NANOSECONDS);
                if (next != null && next.isEmpty()) {
                    session.terminal().note(Reading.plain(following.errors()));
                    return ExitCode.ERROR;
                }
                if (next != null) {
                    last = next.get();
                    wait.show(last);
                    if (done.test(last)) {
                        session.terminal().note("%s: done after %s".formatted(app, wait.taken()));
                        return ExitCode.DONE;
                    }
                }
                Integer ended = wait.ended(last);
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
        private final String app;
        private final long began;
        private final Duration timeout;
        private final Duration grace;
        private String shown = "";
        private long shownAt;

        Wait(Session session, String app, long began, Duration timeout, Duration grace) {
            this.session = session;
            this.app = app;
            this.began = began;
            this.timeout = timeout;
            this.grace = grace;
            this.shownAt = began;
        }

        /// Nanoseconds until there is something to do though nothing came.
        long left(@Nullable Release last) {
            long now = System.nanoTime();
            long end = began + timeout.toNanos();
            long next = shownAt + STILL.toNanos();
            long graceEnd = last != null && endsBadly(last) ? began + grace.toNanos() : end;
            return Math.max(0, Math.min(Math.min(end, next), graceEnd) - now);
        }

        String taken() {
            return Duration.ofNanos(System.nanoTime() - began).toSeconds() + "s";
        }

        void show(Release release) {
            String line = ProgressView.line(app, release);
            if (!line.equals(shown)) {
                shown = line;
                tell();
            }
        }

        private void tell() {
            shownAt = System.nanoTime();
            session.terminal().note(shown.isEmpty() ? app + "  has no Release yet" : shown);
        }

        /// The exit code if there is nothing more to wait for; tells where it stands every half minute otherwise.
        @Nullable
        Integer ended(@Nullable Release last) {
            long now = System.nanoTime();
            if (last != null && endsBadly(last) && now - began >= grace.toNanos()) {
                boolean aborted = last.phase() == Release.Phase.ABORTED;
                session.terminal().error(aborted ? app + " was aborted" : app + " is degraded: " + last.message());
                session.terminal().hint("kubectl canary " + (aborted ? "retry " : "abort ") + app);
                return ExitCode.ENDED_BADLY;
            }
            if (now - began >= timeout.toNanos()) {
                session.terminal().error("timed out waiting for " + app + (shown.isEmpty() ? "" : ": " + shown));
                session.terminal().hint("kubectl canary status " + app);
                return ExitCode.TIMED_OUT;
            }
            if (now - shownAt >= STILL.toNanos()) {
                tell();
            }
            return null;
        }

        private static boolean endsBadly(Release release) {
            return release.phase() == Release.Phase.DEGRADED || release.phase() == Release.Phase.ABORTED;
        }
    }
}
