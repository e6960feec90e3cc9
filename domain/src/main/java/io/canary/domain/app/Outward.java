// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Map;
import java.util.Set;

/// What a route has to do with others than the Services of its own namespace.
///
/// @param forwards Services of other namespaces that a ref names with a weight above 0, by namespace
/// @param consumes Services of other namespaces that are its parents, by namespace
/// @param hostnames that it claims at Gateways
public record Outward(Map<String, Set<String>> forwards, Map<String, Set<String>> consumes, Set<String> hostnames) {
    public static final Outward NOTHING = new Outward(Map.of(), Map.of(), Set.of());

    public Outward {
        forwards = Map.copyOf(forwards);
        consumes = Map.copyOf(consumes);
        hostnames = Set.copyOf(hostnames);
    }

    /// A route that claims a host.
    ///
    /// @param app of which it is a route of ours, or empty
    public record Claim(String namespace, String title, String app) {}
}
