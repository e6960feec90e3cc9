// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How a cluster is set up: whether etcd syncs to disk, how many KWOK nodes, the Gateway API at the start or
/// not, and flags added to each component's own.
public record Settings(boolean fsync, int nodes, boolean gatewayApi, Map<Component, List<String>> flags) {
    /// For functional tests: nothing synced to disk, five nodes, Gateway API there from the start.
    public static final Settings DEFAULT = new Settings(false, 5, true, Map.of());

    public Settings {
        flags = Map.copyOf(flags);
    }

    public Settings withFsync(boolean value) {
        return new Settings(value, nodes, gatewayApi, flags);
    }

    public Settings withNodes(int value) {
        return new Settings(fsync, value, gatewayApi, flags);
    }

    public Settings withGatewayApi(boolean value) {
        return new Settings(fsync, nodes, value, flags);
    }

    /// Adds flags; one that the component has already is overridden, as the last one counts.
    public Settings withFlags(Component component, String... added) {
        var all = new LinkedHashMap<>(flags);
        all.put(component, List.of(added));
        return new Settings(fsync, nodes, gatewayApi, all);
    }

    List<String> flags(Component component) {
        return flags.getOrDefault(component, List.of());
    }
}
