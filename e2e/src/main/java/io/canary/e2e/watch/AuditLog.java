// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads the API server's audit log (JSON lines, level `Metadata`) from marks on, never from the beginning.
///
/// The API server writes a line when a call is *answered*: lines are ordered by their end, and the line of a call
/// may come shortly after its client got the answer (`--audit-log-mode=batch`: up to 30 s after). So whoever counts
/// calls first lets the log become quiet. The file must not be rotated while a mark is in use.
public final class AuditLog {
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration FAST_LOOK = Duration.ofMillis(2);

    private final Path file;
    private final KubernetesSerialization json = new KubernetesSerialization();

    public AuditLog(Path file) {
        this.file = file;
    }

    /// The byte behind the last complete line; 0 while there is no file.
    public long mark() {
        if (!Files.exists(file)) {
            return 0;
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            return lineStart(channel, channel.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All calls in complete lines behind `mark`.
    public Calls since(long mark) {
        List<Call> calls = new ArrayList<>();
        read(mark, calls::add);
        return new Calls(calls);
    }

    /// The rights that all calls of `user` took, sorted, as `patch apps deployments/scale`.
    public Set<String> rights(String user) {
        String mark = "\"username\":\"" + user + "\""; // most lines are of others, and need no reading
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.contains(mark))
                    .flatMap(line -> parse(line).stream())
                    .filter(call -> call.user().equals(user) && !call.resource().isEmpty())
                    .flatMap(Call::rights)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until no write of `user` was added for `quiet`, and answers the writes behind `mark`.
    ///
    /// @throws AssertionError with the last writes, when there is no such pause before the deadline
    public Calls awaitQuiet(long mark, String user, Duration quiet, Duration deadline) {
        return awaitQuiet(mark, c -> c.isWrite() && c.user().equals(user), quiet, deadline);
    }

    /// Waits until no call that `counts` was added for `quiet`, and answers those behind `mark`.
    ///
    /// @throws AssertionError with the last of them, when there is no such pause before the deadline
    public Calls awaitQuiet(long mark, Predicate<Call> counts, Duration quiet, Duration deadline) {
        List<Call> writes = new ArrayList<>();
        long end = System.nanoTime() + deadline.toNanos();
        long lastWrite = System.nanoTime();
        long position = mark;
        while (true) {
            int before = writes.size();
            position = read(position, c -> {
                if (counts.test(c)) {
                    writes.add(c);
                }
            });
            long now = System.nanoTime();
            if (writes.size() > before) {
                lastWrite = now;
            }
            if (now - lastWrite >= quiet.toNanos()) {
                return new Calls(writes);
            }
            if (now >= end) {
                throw new AssertionError("not quiet after %s; the last:%n%s"
                        .formatted(deadline, lines(writes.subList(Math.max(0, writes.size() - 10), writes.size()))));
            }
            pause(LOOK);
        }
    }

    /// A file tells nobody that it grew: look again shortly.
    private static void pause(Duration time) {
        try {
            boolean _ = new Semaphore(0).tryAcquire(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for the audit log", e);
        }
    }

    /// Waits for the first call behind `mark` that is `wanted`, and answers it as soon as the log tells of it.
    ///
    /// @throws AssertionError when there is none before the deadline
    public Call awaitCall(long mark, Predicate<Call> wanted, Duration deadline) {
        List<Call> found = new ArrayList<>();
        long position = mark;
        for (long end = System.nanoTime() + deadline.toNanos(); System.nanoTime() < end; pause(FAST_LOOK)) {
            position = read(position, c -> {
                if (wanted.test(c)) {
                    found.add(c);
                }
            });
            if (!found.isEmpty()) {
                return found.getFirst();
            }
        }
        throw new AssertionError("no such call within " + deadline);
    }

    /// Hands on the calls of the complete lines from `position` on; answers where the next line will start.
    private long read(long position, Consumer<Call> calls) {
        if (!Files.exists(file)) {
            return position;
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            InputStream in = Channels.newInputStream(channel.position(position));
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            byte[] block = new byte[1 << 16];
            long next = position;
            for (int n = in.read(block); n > 0; n = in.read(block)) {
                int from = 0;
                for (int i = 0; i < n; i++) {
                    if (block[i] == '\n') {
                        line.write(block, from, i - from);
                        next += line.size() + 1L;
                        parse(line.toString(StandardCharsets.UTF_8)).ifPresent(calls);
                        line.reset();
                        from = i + 1;
                    }
                }
                line.write(block, from, n - from);
            }
            return next;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A line that is no JSON (the server was killed while writing it) tells of no call.
    Optional<Call> parse(String line) {
        if (!line.startsWith("{")) {
            return Optional.empty();
        }
        try {
            Map<?, ?> event = json.unmarshal(line, Map.class);
            return Call.of(event);
        } catch (RuntimeException _) {
            return Optional.empty();
        }
    }

    private static long lineStart(SeekableByteChannel channel, long size) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(1 << 12);
        for (long end = size; end > 0; end -= block.capacity()) {
            long start = Math.max(0, end - block.capacity());
            block.clear().limit((int) (end - start));
            channel.position(start);
            while (block.hasRemaining() && channel.read(block) >= 0) {
                // a short read is no end
            }
            for (int i = block.position() - 1; i >= 0; i--) {
                if (block.get(i) == '\n') {
                    return start + i + 1;
                }
            }
        }
        return 0;
    }

    private static String lines(List<Call> calls) {
        StringBuilder text = new StringBuilder();
        for (Call c : calls) {
            Instant at = c.requestReceived();
            text.append("  %s %s %s %s/%s %d by %s%n"
                    .formatted(at, c.verb(), c.target(), c.namespace(), c.name(), c.code(), c.user()));
        }
        return text.toString();
    }
}
