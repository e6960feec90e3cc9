// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Some calls in the order in which the audit log told them, with filters and a table.
public record Calls(List<Call> all) {
    public Calls {
        all = List.copyOf(all);
    }

    /// Those of one user, e.g. `system:serviceaccount:canary-system:canary`.
    public Calls by(String user) {
        return where(c -> c.user().equals(user));
    }

    /// Those whose user agent starts so.
    public Calls byAgent(String prefix) {
        return where(c -> c.userAgent().startsWith(prefix));
    }

    public Calls in(String namespace) {
        return where(c -> c.namespace().equals(namespace));
    }

    /// Those on one resource (`deployments`) or subresource (`deployments/scale`).
    public Calls on(String target) {
        return where(c -> c.target().equals(target));
    }

    /// All but those on these resources, whatever the subresource, e.g. `leases`, `events`.
    public Calls except(String... resources) {
        Set<String> left = Set.of(resources);
        return where(c -> !left.contains(c.resource()));
    }

    /// Those that could change stored objects, refused ones included.
    public Calls writes() {
        return where(Call::isWrite);
    }

    public Calls lists() {
        return where(c -> c.verb().equals("list"));
    }

    public Calls watches() {
        return where(c -> c.verb().equals("watch"));
    }

    public Calls succeeded() {
        return where(Call::succeeded);
    }

    public Calls where(Predicate<Call> wanted) {
        return new Calls(all.stream().filter(wanted).toList());
    }

    public int count() {
        return all.size();
    }

    /// Counts by `verb target`, sorted.
    public Map<String, Long> byVerbAndTarget() {
        return all.stream()
                .collect(Collectors.groupingBy(c -> c.verb() + " " + c.target(), TreeMap::new, Collectors.counting()));
    }

    /// The counts as lines of a table, for failure messages and reports.
    public String table() {
        return byVerbAndTarget().entrySet().stream()
                .map(e -> "%6d  %s".formatted(e.getValue(), e.getKey()))
                .collect(Collectors.joining("\n"));
    }
}
