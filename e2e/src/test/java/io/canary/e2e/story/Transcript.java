// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.product.Plugin;
import io.canary.e2e.testbed.CommandResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// What was typed and what it printed, to be compared with a golden file: each command after `$`, standard output as it
/// is, standard error after `!`, an exit code other than 0 last. What differs from run to run is masked.
///
/// `CANARY_WRITE_GOLDEN=true` in the environment writes the files anew; read the difference before it is committed.
final class Transcript {
    private static final Path FOLDER = InstalledProduct.root().resolve("e2e/src/test/resources/golden");

    private static final Pattern PROGRESS = Pattern.compile(
            "! \\S+ {2}(Progressing|Canary|Stable|Paused|Degraded|Aborted|Conflict) +v[0-9]|! \\S+ {2}has no Release yet");

    private final Story story;
    private final Plugin plugin;
    private final List<String> lines = new ArrayList<>();

    Transcript(Story story, Plugin plugin) {
        this.story = story;
        this.plugin = plugin;
    }

    /// Types `kubectl canary` with these words in the test's namespace.
    CommandResult type(String... words) {
        lines.add("$ kubectl canary " + shown(words));
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.add("--namespace=" + story.cluster().namespace());
        CommandResult result = plugin.run("", all);
        result.stdout()
                .lines()
                .filter(Transcript::ofThisStory)
                .map(this::masked)
                .forEach(lines::add);
        result.stderr().lines().map(line -> "! " + masked(line)).forEach(this::addOnce);
        if (!result.succeeded()) {
            lines.add("exit " + result.exitCode());
        }
        lines.add("");
        return result;
    }

    /// Notes what happened in between.
    void say(String text) {
        lines.add("# " + text);
    }

    /// How many steps a wait sees differs from run to run: one line stands for all in a row.
    private void addOnce(String line) {
        String shown = PROGRESS.matcher(line).lookingAt() ? "! ... (progress)" : line;
        if (!shown.equals(line) && lines.getLast().equals(shown)) {
            return;
        }
        lines.add(shown);
    }

    private static String shown(String... words) {
        List<String> quoted = Arrays.stream(words)
                .map(word -> word.matches("[A-Za-z0-9_./:=@,-]+") ? word : "'" + word + "'")
                .toList();
        return String.join(" ", quoted);
    }

    /// Policies are of the whole cluster: those of other stories come and go meanwhile.
    private static boolean ofThisStory(String line) {
        return !line.contains("\"canary-policy.");
    }

    private String masked(String line) {
        return line.replace(story.cluster().namespace(), "shop")
                .replaceAll("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "TIME")
                .replaceAll("(?<![A-Za-z0-9.\\[;])[0-9]+[smhd](?:[0-9]+[smh])?(?![A-Za-z0-9])", "AGE")
                .replaceAll("^AGE {2,}", "AGE  ")
                .replaceAll("until [0-9]{4}-[0-9]{2}-[0-9]{2}(?!T)", "until DAY")
                .replaceAll("[0-9]+ ms", "N ms")
                .replaceAll("\\([0-9a-f]{12}\\)", "(COMMIT)")
                .stripTrailing();
    }

    /// Compares with `golden/NAME.txt`.
    void assertGolden(String name) {
        Path file = FOLDER.resolve(name + ".txt");
        String text = String.join("\n", lines) + "\n";
        try {
            if ("true".equals(System.getenv("CANARY_WRITE_GOLDEN"))) {
                Files.createDirectories(FOLDER);
                Files.writeString(file, text);
            }
            assertThat(text).as(file.getFileName().toString()).isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
