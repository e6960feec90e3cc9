// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One write. A plan's steps are run in order; the first that fails ends the run, unless it is dispensable and was
/// refused, and the app is planned anew.
public sealed interface Step {
    /// Why it is done, as a person would say it.
    String why();

    /// Whether the rest of a plan may go on where this was refused: a route of the user's, or one beside it, is not
    /// what the others stand on.
    default boolean dispensable() {
        return this instanceof EditRoute || this instanceof EnsureHosts;
    }

    /// Whether it takes away what a route may still send traffic to.
    default boolean takesAway() {
        return this instanceof Delete || (this instanceof Scale scale && scale.to() < scale.from());
    }

    /// The object it writes, as `route/order`: two steps with the same target write the same object.
    String target();

    /// Create the Service of one version, or put its selector and ports back.
    ///
    /// @param selector the root's, plus `version`
    record EnsureService(
            String app,
            String name,
            Map<String, String> selector,
            List<ServiceFacts.Port> ports,
            List<String> ipFamilies,
            String ipFamilyPolicy,
            String why)
            implements Step {
        @Override
        public String target() {
            return "service/" + name;
        }
    }

    /// Write our own annotations on a Deployment (`canary.io/app`, `canary.io/total`, `canary.io/spent`).
    ///
    /// @param set annotations to set
    /// @param remove annotations to remove
    record Mark(String deployment, String uid, Map<String, String> set, Set<String> remove, String why)
            implements Step {
        @Override
        public String target() {
            return "mark/" + deployment;
        }
    }

    /// Remove our stamp `canary.io/by` from the root Service at hand-back.
    record UnmarkRoot(String service, Set<String> remove, String why) implements Step {
        @Override
        public String target() {
            return "mark-service/" + service;
        }
    }

    /// Make our route on one port of the root Service divide its traffic so.
    ///
    /// @param port of the root Service, for the parentRef
    /// @param rules ours: those for canary users and lanes, then the one of the weights
    /// @param refs of that last one
    /// @param foreignRules rules of others, kept before ours
    record EnsureRoute(
            String app,
            RouteKind kind,
            String name,
            int port,
            List<Object> rules,
            List<RouteFacts.Ref> refs,
            List<Object> foreignRules,
            String why)
            implements Step {
        @Override
        public String target() {
            return kind.text() + "/" + name;
        }
    }

    /// Make a route of ours for the canary domains of one version, as a whole.
    ///
    /// @param spec all of its `spec`
    record EnsureHosts(String app, RouteKind kind, String name, Map<String, Object> spec, String why) implements Step {
        @Override
        public String target() {
            return kind.text() + "/" + name;
        }
    }

    /// Split or restore a route of a user's: all its rules, and the annotation that keeps what they were.
    ///
    /// @param services those that its refs name, for the last look at their endpoints; empty to restore
    /// @param original what `canary.io/original` shall hold; empty to remove it
    record EditRoute(
            RouteKind kind,
            String name,
            List<Object> rules,
            Set<String> services,
            Map<String, Object> original,
            String why)
            implements Step {
        @Override
        public String target() {
            return kind.text() + "/" + name;
        }
    }

    /// Set `spec.replicas` through `/scale`.
    record Scale(String deployment, String uid, int from, int to, String why) implements Step {
        @Override
        public String target() {
            return "scale/" + deployment;
        }
    }

    /// Delete what we made.
    record Delete(Kind kind, String name, String why) implements Step {
        /// What can be deleted: nothing but this.
        public enum Kind {
            SERVICE,
            HTTP_ROUTE,
            GRPC_ROUTE,
            RELEASE;

            /// A route of this kind.
            public static Kind of(RouteKind kind) {
                return switch (kind) {
                    case HTTP -> HTTP_ROUTE;
                    case GRPC -> GRPC_ROUTE;
                };
            }
        }

        @Override
        public String target() {
            return kind.name().toLowerCase(java.util.Locale.ROOT) + "/" + name;
        }
    }

    /// Write the Release.
    record Report(String app, Release release, String why) implements Step {
        @Override
        public String target() {
            return "release/" + app;
        }
    }

    /// Tell the people who look at an object: a Kubernetes Event.
    ///
    /// @param kind `Service` or `Deployment`
    /// @param warning whether it is of type Warning
    /// @param reason one word in camel case
    record Tell(String kind, String name, boolean warning, String reason, String why) implements Step {
        @Override
        public String target() {
            return "event/" + name;
        }
    }
}
