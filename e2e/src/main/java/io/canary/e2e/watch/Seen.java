// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One observed version of an object, reduced to what the invariants speak of.
sealed interface Seen {
    String name();

    String kind();

    /// One short line: what a reader of the timeline wants to know.
    String summary();

    default String key() {
        return kind() + "/" + name();
    }

    /// An HTTPRoute or GRPCRoute.
    ///
    /// @param app the label `canary.io/app`: ours; null on users' routes
    /// @param managed a user's route with `canary.io/managed: "true"`
    /// @param writers the field managers that own `spec.rules`
    record Route(
            String kind,
            String name,
            @Nullable String app,
            boolean managed,
            List<String> hostnames,
            long generation,
            Set<String> writers,
            List<Rule> rules,
            List<ParentStatus> parents,
            boolean hasOwners)
            implements Seen {

        /// Whether a controller reports that it took this route.
        boolean accepted() {
            return parents.stream().anyMatch(ParentStatus::accepted);
        }

        /// Whether `manager` wrote these rules: the list is atomic, so every other writer takes the ownership away.
        boolean writtenBy(String manager) {
            return writers.contains(manager);
        }

        /// The route of a canary domain: all of it goes to one version, endpoints or not.
        boolean isHosts() {
            return app != null && !hostnames.isEmpty();
        }

        /// Backend Services with a weight above 0, anywhere in the route.
        Set<String> weighted() {
            return rules.stream()
                    .flatMap(r -> r.refs().stream())
                    .filter(r -> r.weight() > 0 && r.isService())
                    .map(Ref::name)
                    .collect(Collectors.toSet());
        }

        @Override
        public String summary() {
            String split = rules.stream().map(Rule::summary).collect(Collectors.joining(" | "));
            String status = parents.stream().map(ParentStatus::summary).collect(Collectors.joining(","));
            return "gen=%d [%s] by %s status=[%s]".formatted(generation, split, writers, status);
        }
    }

    /// One rule; `conditional`: every match asks for a header or query parameter (canary users, lanes).
    record Rule(boolean conditional, List<Ref> refs) {
        long sum() {
            return refs.stream().mapToLong(Ref::weight).sum();
        }

        String summary() {
            String split = refs.stream().map(r -> r.name() + "=" + r.weight()).collect(Collectors.joining(" "));
            return conditional ? "if: " + split : split;
        }
    }

    record Ref(String kind, String name, int port, long weight) {
        boolean isService() {
            return kind.equals("Service");
        }
    }

    record ParentStatus(String controller, boolean accepted, boolean resolved, long observedGeneration) {
        String summary() {
            return "%s%s@%d".formatted(accepted ? "A" : "a", resolved ? "R" : "r", observedGeneration);
        }
    }

    /// A Service; `version()` tells version Services apart.
    ///
    /// @param app the label `canary.io/app`: ours
    /// @param keys annotations `canary.io/…`
    record Service(
            String name,
            @Nullable String app,
            Map<String, String> keys,
            Map<String, String> selector,
            boolean hasOwners)
            implements Seen {
        @Override
        public String kind() {
            return "Service";
        }

        /// The version that this Service selects, where it is the Service `<app>-<version>` of one.
        Optional<Version> version() {
            String version = selector.get("version");
            return version != null && name.length() > version.length() + 1 && name.endsWith("-" + version)
                    ? Optional.of(new Version(name.substring(0, name.length() - version.length() - 1), version))
                    : Optional.empty();
        }

        @Override
        public String summary() {
            return "selector=%s %s".formatted(new TreeMap<>(selector), new TreeMap<>(keys));
        }
    }

    /// A version of an app.
    record Version(String app, String name) {
        String service() {
            return app + "-" + name;
        }
    }

    /// An EndpointSlice of `service`.
    record Slice(String name, String service, List<Endpoint> endpoints) implements Seen {
        @Override
        public String kind() {
            return "EndpointSlice";
        }

        @Override
        public String summary() {
            long ready = endpoints.stream().filter(Endpoint::ready).count();
            return "%s: %d of %d ready".formatted(service, ready, endpoints.size());
        }
    }

    /// An endpoint of a slice.
    ///
    /// @param pod name of the target pod, or the address where there is none
    record Endpoint(String pod, boolean ready) {}

    /// A Deployment.
    ///
    /// @param replicasWriter the field manager that owns `spec.replicas`
    /// @param template a digest of the pod template
    record Deployment(
            String name,
            String uid,
            int replicas,
            @Nullable String replicasWriter,
            Map<String, String> templateLabels,
            int template,
            Map<String, String> keys)
            implements Seen {
        @Override
        public String kind() {
            return "Deployment";
        }

        /// The version's name as the design reads it, given its app.
        String version(String app) {
            String label = templateLabels.getOrDefault("version", keys.get("canary.io/version"));
            if (label != null) {
                return label;
            }
            return name.startsWith(app + "-") ? name.substring(app.length() + 1) : name;
        }

        @Override
        public String summary() {
            return "replicas=%d by %s template=%08x %s"
                    .formatted(replicas, replicasWriter, template, new TreeMap<>(keys));
        }
    }

    record Pod(String name, Map<String, String> labels, boolean ready) implements Seen {
        @Override
        public String kind() {
            return "Pod";
        }

        @Override
        public String summary() {
            return ready ? "ready" : "not ready";
        }
    }

    /// A Release.
    ///
    /// @param inForce share in force by version, in basis points
    record Release(
            String name,
            @Nullable String phase,
            @Nullable String stable,
            OptionalInt total,
            Map<String, Integer> inForce,
            boolean hasOwners)
            implements Seen {
        @Override
        public String kind() {
            return "Release";
        }

        @Override
        public String summary() {
            return "phase=%s stable=%s total=%s inForce=%s"
                    .formatted(phase, stable, total.isPresent() ? total.getAsInt() : "?", new TreeMap<>(inForce));
        }
    }
}
