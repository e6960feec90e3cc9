// SPDX-License-Identifier: Apache-2.0
package io.canary.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.admission.Grammar;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The README and CONTRIBUTING speak of keys, classes and files that there are.
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ROW = Pattern.compile(
            "\\| `(canary\\.io/[a-z-]+)` \\| ([^|]+) \\| ?(?:`([^|]+)`)? ?\\| ?([^|]*?) ?\\| [^|]+ \\| ([^|]+) \\|");

    /// A row of the table of annotations.
    private record Row(String key, String place, String example, String absent, String who) {}

    private static List<Row> annotations() throws IOException {
        return Files.readAllLines(ROOT.resolve("README.md")).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .map(row -> new Row(
                        row.group(1),
                        row.group(2),
                        row.group(3) == null ? "" : row.group(3),
                        row.group(4),
                        row.group(5)))
                .toList();
    }

    private static String who(CanaryKey key) {
        return switch (key.owner()) {
            case USER -> "users";
            case CANARY -> "Canary";
        };
    }

    @Test
    void readmeNamesEveryKeyItsPlaceAndWhoMaySetIt() throws IOException {
        assertThat(annotations())
                .map(row -> List.of(row.key(), row.place(), row.who()))
                .containsExactlyElementsOf(Arrays.stream(CanaryKey.values())
                        .map(key -> List.of(key.text(), key.place().text(), who(key)))
                        .toList());
    }

    @Test
    void readmeListsTheKeysOfUsersFirst() throws IOException {
        List<String> ofUsers = CanaryKey.ofUsers().stream().map(CanaryKey::text).toList();

        assertThat(annotations()).map(Row::key).startsWith(ofUsers.toArray(String[]::new));
        assertThat(annotations().subList(0, ofUsers.size()))
                .noneMatch(row -> row.who().equals("Canary"));
    }

    @Test
    void examplesOfTheReadmeAreAllowed() throws IOException {
        assertThat(annotations().stream().filter(row -> row.who().equals("users")))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(
                                Grammar.check(CanaryKey.of(row.key()).orElseThrow(), row.example()))
                        .isEmpty());
    }

    @Test
    void readmeGivesTheDefaultScaleDownDelay() throws IOException {
        assertThat(annotations().stream()
                        .filter(row -> row.key().equals(CanaryKey.SCALE_DOWN_DELAY.text()))
                        .map(row -> Settings.duration(row.absent().replace("`", ""))))
                .first()
                .satisfies(found -> assertThat(found).contains(Settings.DEFAULT_SCALE_DOWN_DELAY));
    }

    @Test
    void classesThatAreNamedExist() throws IOException {
        assertThat(named("README.md", "[A-Z][a-z]+[A-Za-z]*"))
                .hasSizeGreaterThan(40)
                .isSubsetOf(classes());
        assertThat(named("CONTRIBUTING.md", "[A-Z][a-z]+[A-Za-z]*(?:Test|IT)"))
                .hasSizeGreaterThan(4)
                .isSubsetOf(classes());
    }

    @Test
    void filesThatAreNamedExist() throws IOException {
        String path = "(?:domain|certs|webhook|e2e|manifests|docs)/(?!target/)[-A-Za-z0-9_./]+";

        assertThat(named("README.md", path)).isNotEmpty().allMatch(file -> Files.exists(ROOT.resolve(file)));
        assertThat(named("CONTRIBUTING.md", path)).isNotEmpty().allMatch(file -> Files.exists(ROOT.resolve(file)));
    }

    /// The texts between backquotes that match `pattern`; of the README, those of its map of the code.
    private static Set<String> named(String file, String pattern) throws IOException {
        String text = Files.readString(ROOT.resolve(file));
        int map = text.indexOf("## Where a newcomer finds things");
        String part = map < 0 ? text : text.substring(map, text.indexOf("\n## ", map));
        return Pattern.compile("`(" + pattern + ")`")
                .matcher(part)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    private static Set<String> classes() throws IOException {
        Set<String> classes = new HashSet<>();
        for (String module : List.of("domain", "certs", "webhook", "kubectl-canary", "fuzz", "e2e")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module, "src"))) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".java"))
                        .forEach(name -> classes.add(name.replace(".java", "")));
            }
        }
        return classes;
    }
}
