// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.webhook.kube.Api;
import io.canary.webhook.kube.ApiException;
import io.canary.webhook.kube.EndpointSlices;
import io.canary.webhook.reconcile.FactStore.Held;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the API server itself for endpoints, past a watch that has told nothing for a while: one whose connection
/// was forgotten on the way looks for most of a minute like one with nothing to tell, and no route may give weight to
/// what is gone. What is found goes into the cache, so that the next plan sees it too.
final class LastLook {
    private static final Logger LOG = LoggerFactory.getLogger(LastLook.class);

    /// A watch that told something this recently is alive.
    static final Duration ALIVE = Duration.ofSeconds(3);

    private final Api api;
    private final ClusterCache cache;
    private final Duration alive;

    /// @param alive for how long a watch that told something is not asked past
    LastLook(Api api, ClusterCache cache, Duration alive) {
        this.api = api;
        this.cache = cache;
        this.alive = alive;
    }

    /// Brings what the cache has of the endpoints of `services` up to date: a call or two for each slice. A role
    /// of an older release, without the right to it, holds nothing up.
    ///
    /// @throws ApiException if the API server does not answer
    void at(String namespace, Set<String> services) {
        if (cache.slices.toldWithin(alive)) {
            return;
        }
        cache.slices
                .named(namespace, slice -> services.contains(slice.service()))
                .forEach((name, held) -> at(namespace, name, held));
    }

    private void at(String namespace, String name, Held<EndpointSlices.Slice> held) {
        String path = Paths.endpointSlice(namespace, name);
        try {
            cache.slices.offer(fetched(path));
        } catch (ApiException e) {
            if (e.notFound()) {
                cache.slices.gone(namespace, name, held);
            } else if (e.refused()) {
                LOG.atWarn()
                        .addKeyValue("cause", e.getMessage())
                        .log("EndpointSlices cannot be read: taken as they were told last");
            } else {
                throw e;
            }
        }
    }

    /// From the API server's memory; one of several may lag, and not know a new slice yet.
    private EndpointSlice fetched(String path) {
        try {
            return api.get(path + "?resourceVersion=0", EndpointSlice.class);
        } catch (ApiException e) {
            if (e.notFound()) {
                return api.get(path, EndpointSlice.class);
            }
            throw e;
        }
    }
}
