// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Alerts and the dashboard ask for metrics that there are.
class MonitoringTest {
    private static final Path MONITORING = Path.of("..", "manifests", "components", "monitoring");
    private static final Pattern IN_CODE = Pattern.compile("\"canary\\.([a-z]+(?:\\.[a-z]+)*)\"");
    private static final Pattern ASKED = Pattern.compile("\\bcanary_([a-z_]+)\\b");
    private static final Pattern SUFFIX = Pattern.compile("(_seconds)?(_total|_bucket|_count|_sum)?$");

    private static Set<String> inCode() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            Set<String> names = new TreeSet<>();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                IN_CODE.matcher(Files.readString(file))
                        .results()
                        .forEach(found -> names.add(found.group(1).replace('.', '_')));
            }
            return names;
        }
    }

    private static Set<String> askedFor(String file) throws IOException {
        return ASKED.matcher(Files.readString(MONITORING.resolve(file)))
                .results()
                .map(found -> SUFFIX.matcher(found.group(1)).replaceFirst(""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"prometheus-rule.yaml", "canary-dashboard.json"})
    void everyMetricOfOursExists(String file) throws IOException {
        assertThat(askedFor(file)).isNotEmpty();
        assertThat(inCode()).containsAll(askedFor(file));
    }

    @Test
    void theDashboardShowsEveryMetricOfOursButDetails() throws IOException {
        Set<String> shown = askedFor("canary-dashboard.json");
        shown.addAll(askedFor("prometheus-rule.yaml"));
        Set<String> details = Set.of("io", "plan", "run", "admission_in_flight", "policy_evaluation");

        assertThat(inCode().stream().filter(name -> !details.contains(name))).allMatch(shown::contains);
    }
}
