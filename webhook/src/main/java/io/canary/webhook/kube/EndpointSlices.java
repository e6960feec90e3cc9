// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads EndpointSlices.
public final class EndpointSlices {
    private static final String SERVICE = "kubernetes.io/service-name";

    private EndpointSlices() {}

    /// What one slice says of a Service.
    ///
    /// @param service its name, empty for a slice of none
    /// @param ready names of the ready pods; an endpoint that is no pod counts by its address
    public record Slice(String service, Set<String> ready) {
        public Slice {
            ready = Set.copyOf(ready);
        }
    }

    public static Slice facts(EndpointSlice slice) {
        Set<String> ready = new HashSet<>();
        for (Endpoint endpoint : Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of())) {
            if (ready(endpoint.getConditions())) {
                ready.add(name(endpoint));
            }
        }
        return new Slice(Metas.labels(slice).getOrDefault(SERVICE, ""), ready);
    }

    // An absent condition means ready, by the API's definition.
    private static boolean ready(@Nullable EndpointConditions conditions) {
        return conditions == null
                || (!Boolean.FALSE.equals(conditions.getReady()) && !Boolean.TRUE.equals(conditions.getTerminating()));
    }

    private static String name(Endpoint endpoint) {
        ObjectReference target = endpoint.getTargetRef();
        if (target != null && "Pod".equals(target.getKind()) && target.getName() != null) {
            return target.getName();
        }
        List<String> addresses = endpoint.getAddresses();
        return addresses.isEmpty() ? "" : addresses.getFirst();
    }
}
