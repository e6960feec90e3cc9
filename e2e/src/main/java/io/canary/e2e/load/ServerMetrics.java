// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.load;

import java.util.List;
import java.util.stream.Stream;

/// The API server's own metrics at one moment, in the text format of Prometheus.
public record ServerMetrics(String text) {
    public static ServerMetrics of(ApiCalls api) {
        return new ServerMetrics(api.get("/metrics").required().text());
    }

    /// The sum of all series of `metric` whose labels contain each of these texts, as `name="mutate.canary.io"`.
    public double sum(String metric, String... labels) {
        return series(metric, labels)
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /// What was added since `before`.
    public double since(ServerMetrics before, String metric, String... labels) {
        return sum(metric, labels) - before.sum(metric, labels);
    }

    private Stream<String> series(String metric, String... labels) {
        return text.lines()
                .filter(line -> line.startsWith(metric + "{"))
                .filter(line -> List.of(labels).stream().allMatch(line::contains));
    }
}
