// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.ServiceFacts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a request wants to do, as the API server asks about it.
///
/// @param subresource empty, or `status`
/// @param before the stored object; null at CREATE
/// @param after the wanted object, of the same kind; null at DELETE
public record Change(
        Operation operation,
        boolean dryRun,
        String subresource,
        Requester user,
        String namespace,
        @Nullable Subject before,
        @Nullable Subject after) {
    public Change {
        if ((operation == Operation.CREATE) != (before == null) || (operation == Operation.DELETE) != (after == null)) {
            throw new IllegalArgumentException(operation + " with the wrong objects");
        }
        if (before != null && after != null && before.place() != after.place()) {
            throw new IllegalArgumentException("before and after are of different kinds");
        }
    }

    /// The verbs that hooks are asked about.
    public enum Operation {
        CREATE,
        UPDATE,
        DELETE
    }

    /// Who asks.
    ///
    /// @param extra what the authenticator adds, for questions about rights
    /// @param ours whether it is our own service account, which alone writes protected keys
    public record Requester(
            String name, String uid, List<String> groups, Map<String, List<String>> extra, boolean ours) {
        public Requester {
            groups = List.copyOf(groups);
            extra = Map.copyOf(extra);
        }

        /// Somebody of whom nothing more is known.
        public Requester(String name, String uid, List<String> groups, boolean ours) {
            this(name, uid, groups, Map.of(), ours);
        }
    }

    /// The object in question: the wanted one, at DELETE the stored one.
    public Subject subject() {
        return Objects.requireNonNull(after != null ? after : before);
    }

    /// Whether it comes through `/status`.
    boolean throughStatus() {
        return subresource.equals("status");
    }

    /// Whether a key that users set is added, changed or removed.
    public boolean userKeysDiffer() {
        return !ofUsers(before).equals(ofUsers(after));
    }

    /// Whether annotation `key` is added, changed or removed.
    boolean differs(CanaryKey key) {
        return differs(key.text());
    }

    boolean differs(String annotation) {
        return !Objects.equals(valueIn(before, annotation), valueIn(after, annotation));
    }

    /// Whether label `key` is added, changed or removed.
    boolean labelDiffers(String key) {
        String old = before == null ? null : before.labels().get(key);
        String now = after == null ? null : after.labels().get(key);
        return !Objects.equals(old, now);
    }

    /// The namespace as it will be.
    NamespaceView appliedTo(NamespaceView view) {
        return switch (subject()) {
            case Subject.Workload workload -> {
                List<DeploymentFacts> others = view.deployments().stream()
                        .filter(d -> !d.name().equals(workload.name()))
                        .toList();
                yield view.with(
                        after == null
                                ? others
                                : Stream.concat(others.stream(), Stream.of(workload.facts()))
                                        .toList(),
                        view.services());
            }
            case Subject.Service service -> {
                List<ServiceFacts> others = view.services().stream()
                        .filter(s -> !s.name().equals(service.name()))
                        .toList();
                yield view.with(
                        view.deployments(),
                        after == null
                                ? others
                                : Stream.concat(others.stream(), Stream.of(service.facts()))
                                        .toList());
            }
            case Subject.Route _ -> view;
        };
    }

    private static @Nullable String valueIn(@Nullable Subject subject, String annotation) {
        return subject == null ? null : subject.annotations().get(annotation);
    }

    private static Map<String, String> ofUsers(@Nullable Subject subject) {
        Map<String, String> keys = new TreeMap<>();
        if (subject != null) {
            subject.annotations().forEach((key, value) -> {
                if (CanaryKey.of(key)
                        .filter(k -> k.owner() != CanaryKey.Owner.CANARY)
                        .isPresent()) {
                    keys.put(key, value);
                }
            });
        }
        return keys;
    }
}
