// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// kubectl as a child process: the only way to the cluster, so contexts, credentials, proxies and impersonation are
/// kubectl's own (cli.md section 1).
public final class Kubectl {
    private static final String NAMESPACE = "--namespace=";

    /// Under this prefix the launcher keeps variables that are not for our JVM.
    private static final String KEPT = "CANARY_KEPT_";

    private final Path program;
    private final List<String> globals;
    private final OutputStream stderr;
    private final boolean typing;

    /// @param typing whether somebody types at our standard input: else kubectl gets none, and cannot wait for it
    /// @param globals the global flags that each call gets
    /// @param stderr where kubectl's own errors and warnings go as they come: device codes must be seen at once
    Kubectl(Path program, List<String> globals, OutputStream stderr, boolean typing) {
        this.program = program;
        this.globals = List.copyOf(globals);
        this.stderr = stderr;
        this.typing = typing;
    }

    /// The same in another namespace.
    public Kubectl in(String namespace) {
        List<String> all = new ArrayList<>(globals);
        all.removeIf(flag -> flag.startsWith(NAMESPACE));
        all.add(NAMESPACE + namespace);
        return new Kubectl(program, all, stderr, typing);
    }

    /// kubectl as `KUBECTL_PATH`, `KUBECTL` or `PATH` name it; null where there is none.
    public static @Nullable Kubectl find(Map<String, String> environment, List<String> globals, OutputStream stderr) {
        boolean typing = environment.getOrDefault("CANARY_TTY", "").contains("0");
        for (String variable : List.of("KUBECTL_PATH", "KUBECTL")) {
            String named = environment.getOrDefault(variable, "");
            if (!named.isEmpty()) {
                return new Kubectl(Path.of(named), globals, stderr, typing);
            }
        }
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder, "kubectl");
            if (!folder.isEmpty() && Files.isExecutable(candidate)) {
                return new Kubectl(candidate, globals, stderr, typing);
            }
        }
        return null;
    }

    /// Stands in where no kubectl is needed.
    public static Kubectl none(OutputStream stderr) {
        return new Kubectl(Path.of("kubectl"), List.of(), stderr, false);
    }

    /// What a call answered.
    ///
    /// @param stderr a copy of what was passed on, or what was kept back: see [#quietly]
    public record Answer(int code, String stdout, String stderr) {
        public boolean succeeded() {
            return code == 0;
        }
    }

    /// Runs a call; its errors and warnings go on to the terminal as they come.
    public Answer run(String... arguments) {
        return run("", true, () -> {}, List.of(arguments));
    }

    /// Runs a call and keeps kubectl's errors and warnings back, for the caller to tell.
    public Answer quietly(String... arguments) {
        return run("", false, () -> {}, List.of(arguments));
    }

    /// As [#quietly], doing something else while kubectl is at work.
    public Answer quietly(Runnable meanwhile, String... arguments) {
        return run("", false, meanwhile, List.of(arguments));
    }

    /// Runs a call with `input` on its standard input, and keeps its errors back.
    public Answer send(String input, String... arguments) {
        return run(input, false, () -> {}, List.of(arguments));
    }

    private Answer run(String input, boolean pass, Runnable meanwhile, List<String> arguments) {
        try {
            Process process = process(arguments)
                    .redirectInput(input.isEmpty() ? stdin() : ProcessBuilder.Redirect.PIPE)
                    .start();
            ByteArrayOutputStream errors = new ByteArrayOutputStream();
            Thread drain = Thread.ofPlatform().daemon().start(() -> copy(process.getErrorStream(), errors, pass));
            if (!input.isEmpty()) {
                feed(process, input);
            }
            meanwhile.run();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            drain.join();
            return new Answer(code, output, errors.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void feed(Process process, String input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading all: what it says of that is on its standard error.
        }
    }

    private ProcessBuilder.Redirect stdin() {
        return typing ? ProcessBuilder.Redirect.INHERIT : ProcessBuilder.Redirect.from(new File("/dev/null"));
    }

    private void copy(InputStream from, ByteArrayOutputStream kept, boolean all) {
        boolean pass = all || globals.stream().anyMatch(flag -> flag.startsWith("--v="));
        byte[] block = new byte[4096];
        OwnWords words = new OwnWords();
        try {
            for (int n = from.read(block); n > 0; n = from.read(block)) {
                kept.write(block, 0, n);
                // Bytes as characters: what is passed on is the same bytes again.
                String piece = new String(block, 0, n, StandardCharsets.ISO_8859_1);
                String shown = pass ? piece : words.others(piece);
                if (!shown.isEmpty()) {
                    stderr.write(shown.getBytes(StandardCharsets.ISO_8859_1));
                    stderr.flush();
                }
            }
        } catch (IOException e) {
            // The child is gone; what it said so far is kept.
        }
    }

    /// A running call whose values are handed on one after another.
    public final class Following implements AutoCloseable {
        private final Process process;
        private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

        private final Thread hook;

        private Following(Process process, Consumer<Object> consumer, Consumer<Answer> ended) {
            this.process = process;
            this.hook = killedWithUs(process);
            Thread drain = Thread.ofPlatform().daemon().start(() -> copy(process.getErrorStream(), errors, false));
            Thread.ofPlatform().daemon().start(() -> {
                int code = 1;
                try {
                    Json.each(process.getInputStream(), consumer);
                    drain.join();
                    code = process.waitFor();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    ended.accept(new Answer(code, "", errors.toString(StandardCharsets.UTF_8)));
                }
            });
        }

        @Override
        public void close() {
            process.destroy();
            forget(hook);
        }
    }

    /// Ctrl-C on a terminal reaches a child by itself; a signal to us alone does not.
    private static Thread killedWithUs(Process process) {
        Thread hook = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // We are ending, and the hook runs.
        }
    }

    /// Starts a call that prints JSON for as long as it runs, as `get --watch -o json` does.
    ///
    /// @param ended called when it ends, with its exit code and what it said on standard error
    public Following follow(List<String> arguments, Consumer<Object> consumer, Consumer<Answer> ended) {
        try {
            return new Following(process(arguments).redirectInput(stdin()).start(), consumer, ended);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /// Runs a call that uses our terminal itself; returns its exit code.
    public int attached(List<String> arguments) {
        try {
            Process process = process(arguments).inheritIO().start();
            Thread hook = killedWithUs(process);
            int code = process.waitFor();
            forget(hook);
            return code;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private ProcessBuilder process(List<String> arguments) {
        List<String> line = new ArrayList<>(List.of(program.toString()));
        line.addAll(arguments);
        boolean elsewhere = arguments.stream().anyMatch(argument -> argument.startsWith(NAMESPACE));
        globals.stream()
                .filter(flag -> !elsewhere || !flag.startsWith(NAMESPACE))
                .forEach(line::add);
        ProcessBuilder builder = new ProcessBuilder(line);
        Map<String, String> variables = builder.environment();
        for (String kept : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "LC_ALL")) {
            String value = variables.remove(KEPT + kept);
            if (value != null && value.isEmpty()) {
                variables.remove(kept);
            } else if (value != null) {
                variables.put(kept, value);
            }
        }
        return builder;
    }
}
