// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.json.JsonObject;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.AppName;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One Release, followed by one watch, which begins anew when the server closes it. Where nothing comes for a second it
/// looks what the name means: the name of a Deployment, of an app without a Release, or of nothing.
final class ReleaseWatch implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(1);
    private static final Duration BEFORE_ANEW = Duration.ofSeconds(2);
    private static final int FAILURES = 10;

    /// What there is to tell.
    sealed interface Seen {
        /// The Release as it is now.
        record Changed(JsonObject release) implements Seen {}

        /// The Release was deleted.
        record Gone() implements Seen {}

        /// The app is here and has no Release yet; said once for each beginning.
        record Absent() implements Seen {}

        /// There is nothing to follow, and it was told why.
        record Ended(int code) implements Seen {}
    }

    private sealed interface Event {
        record Value(JsonObject event) implements Event {}

        record End(Kubectl.Answer answer) implements Event {}
    }

    private final Session session;
    private final String typed;
    private String app;
    private BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private Kubectl.@Nullable Following following;
    private long began;
    private boolean heard;
    private boolean everHeard;
    private boolean looked;
    private int failures;

    ReleaseWatch(Session session, String typed) {
        this.session = session;
        this.typed = typed;
        AppName name = AppName.of(typed);
        this.app = name.name();
        if (name.kind() != AppName.Kind.DEPLOYMENT) {
            begin();
        }
    }

    /// The app, by the name of its root Service as far as it is known.
    String app() {
        return app;
    }

    private void begin() {
        close();
        // Its own queue: what the watch before still says is not of this one.
        BlockingQueue<Event> queue = new LinkedBlockingQueue<>();
        events = queue;
        began = System.nanoTime();
        heard = false;
        looked = false;
        following = session.kubectl()
                .follow(
                        List.of(
                                "get",
                                Apps.RELEASES,
                                "--field-selector=metadata.name=" + app,
                                "--watch",
                                "--output-watch-events",
                                "--output=json"),
                        value -> queue.add(new Event.Value(JsonObject.of(value))),
                        answer -> queue.add(new Event.End(answer)));
    }

    /// What comes next, or null when nothing came for `atMost`.
    @Nullable
    Seen next(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (true) {
            long now = System.nanoTime();
            long quiet = following == null ? 0 : began + SILENCE.toNanos() - now;
            boolean looks = !heard && !looked;
            Event event =
                    events.poll(Math.max(0, looks ? Math.min(quiet, end - now) : end - now), TimeUnit.NANOSECONDS);
            Seen seen = null;
            if (event != null) {
                seen = seen(event);
            } else if (looks && System.nanoTime() - began >= SILENCE.toNanos()) {
                looked = true;
                seen = look();
            } else if (System.nanoTime() - end >= 0) {
                return null;
            }
            if (seen != null) {
                return seen;
            }
        }
    }

    private @Nullable Seen seen(Event event) throws InterruptedException {
        return switch (event) {
            case Event.Value(JsonObject value) -> {
                heard = true;
                everHeard = true;
                failures = 0;
                yield switch (value.text("type")) {
                    case "ADDED", "MODIFIED" -> new Seen.Changed(value.object("object"));
                    case "DELETED" -> new Seen.Gone();
                    default -> null;
                };
            }
            case Event.End(Kubectl.Answer answer) -> ended(answer);
        };
    }

    /// A server closes a watch after a while, and an API server that restarts refuses for a moment.
    private @Nullable Seen ended(Kubectl.Answer answer) throws InterruptedException {
        failures++;
        if ((!answer.succeeded() && !everHeard) || failures > FAILURES) {
            return new Seen.Ended(
                    answer.succeeded()
                            ? session.failed("kubectl ends its watch again and again", "")
                            : Apps.told(session, Reading.of(answer)));
        }
        if (failures > 1) {
            session.terminal().note("the watch broke off; trying again");
            TimeUnit.NANOSECONDS.sleep(BEFORE_ANEW.toNanos());
        }
        begin();
        return null;
    }

    /// Nothing came: what does the name mean?
    private @Nullable Seen look() {
        return switch (Apps.find(session, typed)) {
            case Apps.Found.Ended(int code) -> new Seen.Ended(code);
            case Apps.Found.App(var snapshot, String found) -> {
                boolean other = !found.equals(app) || following == null;
                app = found;
                if (!snapshot.view().releases().containsKey(found)) {
                    if (other) {
                        begin();
                        looked = true;
                    }
                    yield new Seen.Absent();
                }
                if (other) {
                    begin();
                }
                yield null;
            }
        };
    }

    @Override
    public void close() {
        if (following != null) {
            following.close();
        }
    }
}
