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

/// Follows one Release by one watch until it is as wanted, or will not be.
final class Waiting {
    private static final Pattern DURATION =
            Pattern.compile("(?=[0-9])(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,7})s)?");
    private static final Duration FOR_EVER = Duration.ofDays(365);

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

    private static long part(Matcher m, int group) {
        return m.group(group) == null ? 0 : Long.parseLong(m.group(group));
    }

    /// Waits until `done`; a line on standard error for each change.
    static int until(Session session, String app, Predicate<Release> done) {
        Optional<Duration> timeout = duration(session.arguments().value("timeout"));
        if (timeout.isEmpty()) {
            session.failed(
                    "--timeout: \"%s\" is not a duration (write e.g. 90s or 5m)"
                            .formatted(session.arguments().value("timeout")),
                    "");
            return ExitCode.USAGE;
        }
        BlockingQueue<Optional<Release>> seen = new LinkedBlockingQueue<>();
        List<String> call =
                List.of("get", Apps.RELEASES, "--field-selector=metadata.name=" + app, "--watch", "--output=json");
        long end = System.nanoTime() + timeout.get().toNanos();
        String shown = "";
        try (Kubectl.Following following = session.kubectl()
                .follow(
                        call,
                        value -> seen.add(Optional.of(
                                ReleaseJson.read(JsonObject.of(value).object("status")))),
                        () -> seen.add(Optional.empty()))) {
            while (true) {
                Optional<Release> next = seen.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (next == null) {
                    session.terminal().error("timed out waiting for " + app + (shown.isEmpty() ? "" : ": " + shown));
                    session.terminal().hint("kubectl canary status " + app);
                    return ExitCode.TIMED_OUT;
                }
                if (next.isEmpty()) {
                    session.terminal().note(Reading.plain(following.errors()));
                    return ExitCode.ERROR;
                }
                Release release = next.get();
                String line = ProgressView.line(app, release);
                if (!line.equals(shown)) {
                    session.terminal().note(line);
                    shown = line;
                }
                if (done.test(release)) {
                    return ExitCode.DONE;
                }
                if (release.phase() == Release.Phase.DEGRADED) {
                    session.terminal().error(app + " is degraded: " + release.message());
                    session.terminal().hint("kubectl canary abort " + app);
                    return ExitCode.ENDED_BADLY;
                }
                if (release.phase() == Release.Phase.ABORTED) {
                    session.terminal().error(app + " was aborted");
                    session.terminal().hint("kubectl canary retry " + app);
                    return ExitCode.ENDED_BADLY;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.ERROR;
        }
    }
}
