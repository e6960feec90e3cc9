// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.ServiceFacts;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// An object that a request makes, changes or deletes, reduced to what admission decides by.
public sealed interface Subject {
    /// `metadata.name`, empty where only `generateName` is given.
    String name();

    /// Annotations that start with `canary.io/`.
    Map<String, String> annotations();

    Map<String, String> labels();

    /// What kind of keys belong on it.
    CanaryKey.Place place();

    /// A Deployment.
    ///
    /// @param templateKeys annotations and labels of the pod template that start with `canary.io/`
    /// @param hostPorts whether its pods use the node's network or ports
    /// @param containers of its pods, without those that only run before
    record Workload(DeploymentFacts facts, Set<String> templateKeys, boolean hostPorts, List<Container> containers)
            implements Subject {
        public Workload {
            containers = List.copyOf(containers);
            templateKeys = Set.copyOf(templateKeys);
        }

        @Override
        public String name() {
            return facts.name();
        }

        @Override
        public Map<String, String> annotations() {
            return facts.annotations();
        }

        @Override
        public Map<String, String> labels() {
            return facts.labels();
        }

        @Override
        public CanaryKey.Place place() {
            return CanaryKey.Place.DEPLOYMENT;
        }
    }

    /// A container of the pod template.
    ///
    /// @param image as it is written; empty where the file leaves it out
    record Container(String name, String image) {}

    /// A Service, the root of an app or any other.
    record Service(ServiceFacts facts) implements Subject {
        @Override
        public String name() {
            return facts.name();
        }

        @Override
        public Map<String, String> annotations() {
            return facts.annotations();
        }

        @Override
        public Map<String, String> labels() {
            return facts.labels();
        }

        @Override
        public CanaryKey.Place place() {
            return CanaryKey.Place.SERVICE;
        }
    }

    /// An HTTPRoute or GRPCRoute.
    ///
    /// @param kind as in `kind:`
    /// @param spec its `spec`
    /// @param original the parsed text of `canary.io/original`; empty where it is absent or none of ours
    record Route(
            String kind,
            String name,
            Map<String, String> labels,
            Map<String, String> annotations,
            Map<String, Object> spec,
            Map<String, Object> original)
            implements Subject {
        public Route {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }

        @Override
        public CanaryKey.Place place() {
            return CanaryKey.Place.ROUTE;
        }
    }
}
