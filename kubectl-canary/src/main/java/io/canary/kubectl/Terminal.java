// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

import io.canary.kubectl.view.Screen;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// Where a run reads and prints; nothing else of the plugin does. Data goes to standard output, all else to standard
/// error (cli.md section 2).
public final class Terminal {
    private static final int WIDTH = 80;

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final InstantSource clock;
    private String colour = "auto";

    /// @param environment what the launcher found is there too: `CANARY_TTY` names the streams that are terminals, as
    ///     in `012`, since a JVM cannot tell
    public Terminal(
            InputStream in, OutputStream out, OutputStream err, Map<String, String> environment, InstantSource clock) {
        this.in = in;
        this.environment = Map.copyOf(environment);
        this.clock = clock;
        Charset charset = unicode() ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
        this.out = new PrintStream(out, true, charset);
        this.err = new PrintStream(err, true, charset);
    }

    /// `always`, `never` or `auto`.
    public void colour(String when) {
        colour = when;
    }

    public void print(List<String> lines) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(spelled(line)).append('\n'));
        out.print(text);
        out.flush();
    }

    public void print(String line) {
        print(List.of(line));
    }

    /// Data for programs, kubectl's or ours, as it is: JSON and YAML are UTF-8 whatever the locale says.
    ///
    /// @return whether anybody still reads
    public boolean pass(String text) {
        out.flush();
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        out.write(data, 0, data.length);
        return !out.checkError();
    }

    /// Whether somebody still reads standard output: `| head` goes when it has enough.
    public boolean isRead() {
        return !out.checkError();
    }

    public void error(String text) {
        err.println(paint("31", "error:") + " " + spelled(text));
    }

    public void hint(String command) {
        if (!command.isEmpty()) {
            err.println("hint: " + spelled(command));
        }
    }

    /// A line that is neither data nor error; none for an empty text.
    public void note(String text) {
        if (!text.isEmpty()) {
            err.println(spelled(text));
        }
    }

    /// In ASCII where the locale has nothing else.
    private String spelled(String text) {
        return unicode()
                ? text
                : text.replace("\u2013", "-")
                        .replace("\u00b1", "+/-")
                        .replace("\u2026", "...")
                        .replace("\u2192", "->");
    }

    OutputStream err() {
        return err;
    }

    private String paint(String code, String text) {
        return coloured("2") ? "\033[" + code + "m" + text + "\033[0m" : text;
    }

    /// Whether somebody sits at the streams named, and no CI runs us.
    public boolean interactive(String streams) {
        String terminals = environment.getOrDefault("CANARY_TTY", "");
        return streams.chars().allMatch(stream -> terminals.indexOf(stream) >= 0)
                && !"true".equals(environment.get("CI"));
    }

    private boolean coloured(String stream) {
        return switch (colour) {
            case "always" -> true;
            case "never" -> false;
            default ->
                !environment.containsKey("NO_COLOR")
                        && interactive(stream)
                        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        };
    }

    /// Whether the locale says UTF-8, by the first of these variables that is set.
    private boolean unicode() {
        // The launcher may have given the JVM another locale than ours.
        boolean kept = environment.containsKey("CANARY_KEPT_LC_ALL");
        for (String variable : List.of(kept ? "CANARY_KEPT_LC_ALL" : "LC_ALL", "LC_CTYPE", "LANG")) {
            String value = environment.getOrDefault(variable, "");
            if (!value.isEmpty()) {
                return value.toLowerCase(Locale.ROOT).replace("-", "").contains("utf8");
            }
        }
        return false;
    }

    public Screen screen() {
        int columns = number("COLUMNS", interactive("1") ? WIDTH : 0);
        return new Screen(columns, unicode(), coloured("1"), clock.instant());
    }

    private int number(String variable, int fallback) {
        String text = environment.getOrDefault(variable, "");
        return text.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(text) : fallback;
    }

    /// Draws over the last `before` lines, and no more than the terminal is high: what scrolled off cannot be drawn
    /// over.
    ///
    /// @return how many lines were drawn
    public int redraw(int before, List<String> lines) {
        if (before > 0) {
            out.print("\033[" + before + "A\033[J");
        }
        int room = Math.max(2, number("LINES", Integer.MAX_VALUE) - 1);
        List<String> fitted = lines.size() <= room
                ? lines
                : Stream.concat(
                                lines.stream().limit(room - 1),
                                Stream.of("  ... %d more lines".formatted(lines.size() - room + 1)))
                        .toList();
        print(fitted);
        return fitted.size();
    }

    /// Draws a line over the last such one on standard error; an empty one wipes it away. Nothing where that is no
    /// terminal.
    public void progress(String line) {
        if (interactive("2")) {
            err.print("\r\033[K" + spelled(line));
            err.flush();
        }
    }

    /// Asks; false without anybody to ask.
    public boolean confirmed(String question) {
        if (!interactive("02")) {
            return false;
        }
        err.print(question + " [y/N] ");
        err.flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
        } catch (IOException e) {
            return false;
        }
    }

    public Instant now() {
        return clock.instant();
    }

    /// All of standard input, for `-f -`.
    public String input() {
        try {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
