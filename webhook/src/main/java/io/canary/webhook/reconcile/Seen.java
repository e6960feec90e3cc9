// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.webhook.kube.Releases;
import io.canary.webhook.reconcile.FactStore.Held;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a plan saw, and what has been written of it since. Each look-up gives the object as it is in the cache now,
/// with the resourceVersion to write against, if it is still what the plan saw; a [StaleException] if not. So an
/// object may change in ways that decisions do not read, as its status does all the time, and still be written.
/// Equal facts are one instance in the cache, so what is the same is told by identity.
@SuppressWarnings("ReferenceEquality")
final class Seen {
    private final ClusterCache cache;
    private final String namespace;
    private final NamespaceView view;
    private final Map<String, Object> written = new HashMap<>();

    Seen(ClusterCache cache, NamespaceView view) {
        this.cache = cache;
        this.namespace = view.namespace();
        this.view = view;
    }

    Held<DeploymentFacts> deployment(String name, String uid) {
        DeploymentFacts planned = named(view.deployments(), DeploymentFacts::name, name);
        Held<DeploymentFacts> held = same(cache.deployments, "Deployment", name, planned, facts -> facts);
        if (held == null || !held.uid().equals(uid)) {
            throw new StaleException("Deployment " + name + " is another");
        }
        return held;
    }

    @Nullable
    Held<ServiceFacts> service(String name) {
        ServiceFacts planned = named(view.services(), ServiceFacts::name, name);
        return same(cache.services, "Service", name, planned, facts -> facts);
    }

    @Nullable
    Held<RouteFacts.Named> route(RouteKind kind, String name) {
        List<RouteFacts.Named> ofKind = view.routes().stream()
                .filter(named -> named.route().kind() == kind)
                .toList();
        RouteFacts.Named planned = named(ofKind, named -> named.route().name(), name);
        return same(cache.routes(kind), kind.text(), name, planned, facts -> facts);
    }

    @Nullable
    Held<Releases.Stored> release(String app) {
        Release planned = view.releases().get(app);
        return same(cache.releases, "Release", app, planned, Releases.Stored::release);
    }

    /// Notes that we ourselves made it so.
    void wrote(String kind, String name, @Nullable Object facts) {
        written.put(kind + "/" + name, facts == null ? this : facts);
    }

    /// Whether the plan saw this Service as one of ours, of a version of `app`, without a ready endpoint.
    boolean unreadyVersion(String app, String service) {
        ServiceFacts facts = named(view.services(), ServiceFacts::name, service);
        return facts != null
                && app.equals(facts.labels().get(CanaryKey.APP.text()))
                && view.endpoints().getOrDefault(service, Set.of()).isEmpty();
    }

    /// Fails if a ready endpoint of one of these Services went since the plan was made: a route must not give weight
    /// to what is gone.
    void endpointsStand(Set<String> services) {
        NamespaceView now = cache.view(namespace);
        for (String service : now == view ? Set.<String>of() : services) {
            Set<String> gone = new HashSet<>(view.endpoints().getOrDefault(service, Set.of()));
            gone.removeAll(now.endpoints().getOrDefault(service, Set.of()));
            if (!gone.isEmpty()) {
                throw new StaleException("endpoints of Service " + service + " went");
            }
        }
    }

    private <F> @Nullable Held<F> same(
            FactStore<?, F> store, String kind, String name, @Nullable Object planned, Function<F, Object> compared) {
        Held<F> held = store.held(namespace, name);
        Object own = written.get(kind + "/" + name);
        Object expected = own == null ? planned : own == this ? null : own;
        Object now = held == null ? null : compared.apply(held.facts());
        if (now != expected) {
            throw new StaleException(kind + " " + name + " changed since the plan");
        }
        return held;
    }

    private static <F> @Nullable F named(Collection<F> all, Function<F, String> nameOf, String name) {
        return all.stream()
                .filter(facts -> nameOf.apply(facts).equals(name))
                .findFirst()
                .orElse(null);
    }
}
