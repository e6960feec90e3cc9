// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Names;
import io.canary.domain.verify.Recognition;
import io.canary.domain.verify.Reply;
import io.canary.domain.verify.Tally;
import io.canary.kubectl.Terminal;
import io.canary.kubectl.http.Outcome;
import io.canary.kubectl.http.Request;
import io.canary.kubectl.http.Sending;
import io.canary.kubectl.view.VerifyView;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Counts which version answers, until all requests are sent, nothing can be told, or somebody presses Ctrl-C: then
/// what came so far is still told, before the process ends. Closed when it was told.
final class Counting implements AutoCloseable {
    /// After so many of which none told a version, no more are sent.
    private static final int ENOUGH = 10;

    private static final Duration REDRAW = Duration.ofMillis(200);
    private static final Duration TO_TELL = Duration.ofSeconds(5);

    private final Terminal terminal;
    private final VerifyView.Setting setting;
    private final Recognition recognition;
    private final CountDownLatch told = new CountDownLatch(1);
    private final Object turn = new Object();
    private Tally tally = Tally.NOTHING;
    private @Nullable Reply odd;
    private @Nullable Sending sending;
    private @Nullable Thread hook;
    private boolean gaveUp;
    private boolean interrupted;
    private long drawn = System.nanoTime();

    Counting(Terminal terminal, VerifyView.Setting setting, Recognition recognition) {
        this.terminal = terminal;
        this.setting = setting;
        this.recognition = recognition;
    }

    void count(Request request, VerifyOptions options) throws InterruptedException {
        Sending all = new Sending(request, options.requests(), options.concurrency(), options.perSecond(), this::heard);
        sending = all;
        Thread ending = new Thread(() -> interrupt(all));
        hook = ending;
        Runtime.getRuntime().addShutdownHook(ending);
        all.run();
        terminal.progress("");
    }

    /// By a signal: the process ends when this returns.
    private void interrupt(Sending all) {
        synchronized (turn) {
            interrupted = true;
        }
        all.stop();
        try {
            boolean _ = told.await(TO_TELL.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void heard(Outcome outcome) {
        synchronized (turn) {
            tally = switch (outcome) {
                case Outcome.Failed(String kind) -> tally.failed(kind);
                case Outcome.Answered(Reply reply) -> answered(reply);
            };
            if (tally.told() == 0 && tally.sent() >= ENOUGH && sending != null) {
                gaveUp = true;
                sending.stop();
            }
            long now = System.nanoTime();
            if (now - drawn > REDRAW.toNanos()) {
                drawn = now;
                terminal.progress(VerifyView.progress(setting, tally));
            }
        }
    }

    private Tally answered(Reply reply) {
        if (!reply.succeeded()) {
            odd = odd == null ? reply : odd;
            return tally.failed("status " + reply.status());
        }
        Optional<String> version = recognition.version(reply);
        if (version.isPresent()) {
            return tally.answeredBy(version.get());
        }
        odd = odd == null || !odd.succeeded() ? reply : odd;
        return tally.untold();
    }

    Tally tally() {
        synchronized (turn) {
            return tally;
        }
    }

    /// Whether it stopped because the first answers told nothing.
    boolean gaveUp() {
        synchronized (turn) {
            return gaveUp;
        }
    }

    boolean interrupted() {
        synchronized (turn) {
            return interrupted;
        }
    }

    /// What one of the answers looked like that told no version.
    String seen() {
        synchronized (turn) {
            return odd == null
                    ? ""
                    : "seen: status %d, headers %s"
                            .formatted(
                                    odd.status(),
                                    Names.printable(
                                            String.join(", ", odd.headers().keySet())));
        }
    }

    /// What may help against failures; may be empty.
    String hint() {
        synchronized (turn) {
            if (odd == null) {
                return "can it be reached from here? kubectl port-forward to the Gateway, and --address=http://localhost:PORT";
            }
            if (odd.succeeded()) {
                return "";
            }
            String to = odd.headers().getOrDefault("location", "");
            return odd.status() >= 300 && odd.status() < 400
                    ? "redirects are not followed; this one leads to " + Names.shown(to)
                    : odd.status() == 404 ? "is it the right --host and --path?" : "";
        }
    }

    @Override
    public void close() {
        told.countDown();
        if (hook != null && !interrupted()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process is ending, and the hook runs.
            }
        }
    }
}
