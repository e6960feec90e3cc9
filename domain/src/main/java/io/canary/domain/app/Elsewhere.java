// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Set;

/// What we neither write nor split and what decides over an app's traffic all the same (design section 7): rules of
/// Istio, and routes in other namespaces.
///
/// @param kind as in `kind:`
/// @param namespace where it stands
/// @param services the Services of the namespace looked at that it is about; `*` is all of them
public record Elsewhere(Effect effect, String kind, String namespace, String name, Set<String> services) {
    public Elsewhere {
        services = Set.copyOf(services);
    }

    private static final String ALL = "*";

    /// What it does to traffic.
    public enum Effect {
        /// A VirtualService for the Service's host, in the mesh: it wins over routes of the Gateway API, silently
        /// (routing.md section 1).
        OVERRIDES,
        /// A VirtualService or a route of another namespace that forwards to the Service, past the split.
        FORWARDS,
        /// A DestinationRule on the Service's host, which does not reach the Services of versions.
        LEFT_BEHIND,
        /// A route of another namespace with the Service as parent: it replaces ours for the clients there.
        CONSUMES
    }

    /// Whether it is about Service `service`.
    public boolean concerns(String service) {
        return services.contains(service) || services.contains(ALL);
    }

    /// Who it is, as `VirtualService shop/order`.
    public String text() {
        return kind + " " + namespace + "/" + name;
    }
}
