// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.UserRoute;
import io.canary.domain.plan.Step;
import io.canary.webhook.json.OriginalText;
import io.canary.webhook.kube.Condition;
import io.canary.webhook.kube.Releases;
import io.canary.webhook.kube.Routes;
import io.canary.webhook.kube.Services;
import io.canary.webhook.reconcile.FactStore.Held;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes the steps of one plan: one API call each, and none where the cache shows that nothing would change. The
/// answer goes into the cache, so that the next plan sees it. Before a step that gives traffic there may be a look.
final class StepWriter {
    private final ObjectWriter objects;
    private final LastLook lastLook;
    private final Events events;
    private final InstantSource clock;
    private final ClusterCache cache;
    private final AppKey key;
    private final Seen seen;

    StepWriter(
            ObjectWriter objects,
            LastLook lastLook,
            Events events,
            InstantSource clock,
            ClusterCache cache,
            AppKey key,
            Seen seen) {
        this.objects = objects;
        this.lastLook = lastLook;
        this.events = events;
        this.clock = clock;
        this.cache = cache;
        this.key = key;
        this.seen = seen;
    }

    /// Has a last look at the endpoints that a step gives more traffic to. None where traffic leaves a version that is
    /// not ready: that must wait for nothing.
    void look(Step step) {
        switch (step) {
            case Step.EnsureRoute s -> {
                List<RouteFacts.Ref> before = refs(seen.route(s.kind(), s.name()));
                if (before.stream()
                        .noneMatch(ref -> part(ref.service(), s.refs()) < part(ref.service(), before)
                                && seen.unreadyVersion(key.app(), ref.service()))) {
                    lastLook.at(key.namespace(), raised(s.refs(), before));
                }
            }
            case Step.EditRoute s -> {
                List<RouteFacts.Ref> before = refs(seen.route(s.kind(), s.name()));
                if (before.stream()
                        .noneMatch(ref -> ref.weight() > 0
                                && !s.services().contains(ref.service())
                                && seen.unreadyVersion(key.app(), ref.service()))) {
                    lastLook.at(key.namespace(), s.services());
                }
            }
            default -> {
                // Gives traffic to nobody.
            }
        }
    }

    private static List<RouteFacts.Ref> refs(@Nullable Held<RouteFacts.Named> held) {
        return held == null ? List.of() : held.facts().route().refs();
    }

    /// Whether something had to be written. A [StaleException] if the world is not what the plan saw.
    boolean write(Step step) {
        return switch (step) {
            case Step.EnsureService s -> ensureService(s);
            case Step.EnsureRoute s -> ensureRoute(s);
            case Step.EnsureHosts s -> ensureHosts(s);
            case Step.EditRoute s -> editRoute(s);
            case Step.Mark s -> mark(s);
            case Step.UnmarkRoot s -> unmark(s);
            case Step.Scale s -> scale(s);
            case Step.Delete s -> delete(s);
            case Step.Report s -> report(s);
            case Step.Tell s -> tell(s);
        };
    }

    private boolean ensureService(Step.EnsureService step) {
        Held<ServiceFacts> held = seen.service(step.name());
        if (held != null && Services.asWanted(held.facts(), step)) {
            return false;
        }
        if (held != null) {
            ours("Service " + step.name(), held.facts().labels().get(CanaryKey.APP.text()));
            held = withoutForeignPorts(step, held);
            if (Services.asWanted(held.facts(), step)) {
                return true;
            }
        }
        Map<String, Object> wanted = Services.wanted(key.namespace(), step);
        Service written = objects.apply(
                key.namespace(), Paths.service(key.namespace(), step.name()), wanted, held, Service.class);
        seen.wrote("Service", step.name(), cache.services.offer(written).facts());
        return true;
    }

    /// Server-side apply leaves another's port where it is, and ours of the same name is then refused beside it.
    private Held<ServiceFacts> withoutForeignPorts(Step.EnsureService step, Held<ServiceFacts> held) {
        if (step.ports().containsAll(held.facts().ports())) {
            return held;
        }
        Service written = objects.replacePorts(
                Paths.service(key.namespace(), step.name()), Services.ports(step), held, Service.class);
        Held<ServiceFacts> now = cache.services.offer(written);
        seen.wrote("Service", step.name(), now.facts());
        return now;
    }

    private boolean ensureRoute(Step.EnsureRoute step) {
        Held<RouteFacts.Named> held = ownRoute(step.kind(), step.name());
        Set<String> services = new HashSet<>(Set.of(key.app()));
        step.refs().stream().filter(ref -> ref.weight() > 0).forEach(ref -> services.add(ref.service()));
        seen.endpointsStand(services);
        return applyRoute(step.kind(), step.name(), Routes.wanted(key.namespace(), step), held);
    }

    /// The Services that get a larger part of the traffic than before.
    private static Set<String> raised(List<RouteFacts.Ref> now, List<RouteFacts.Ref> before) {
        return now.stream()
                .filter(ref -> part(ref.service(), now) > part(ref.service(), before))
                .map(RouteFacts.Ref::service)
                .collect(Collectors.toSet());
    }

    private static double part(String service, List<RouteFacts.Ref> refs) {
        double all = refs.stream().mapToInt(RouteFacts.Ref::weight).sum();
        double own = refs.stream()
                .filter(ref -> ref.service().equals(service))
                .mapToInt(RouteFacts.Ref::weight)
                .sum();
        return all == 0 ? 0 : own / all;
    }

    private boolean ensureHosts(Step.EnsureHosts step) {
        return applyRoute(
                step.kind(), step.name(), Routes.wanted(key.namespace(), step), ownRoute(step.kind(), step.name()));
    }

    /// The route of this name, which is ours; null where there is none.
    private @Nullable Held<RouteFacts.Named> ownRoute(RouteKind kind, String name) {
        Held<RouteFacts.Named> held = seen.route(kind, name);
        if (held != null) {
            ours(kind.text() + " " + name, held.facts().app());
        }
        return held;
    }

    private boolean applyRoute(
            RouteKind kind, String name, Map<String, Object> wanted, @Nullable Held<RouteFacts.Named> held) {
        GenericKubernetesResource written = objects.apply(
                key.namespace(),
                Paths.route(key.namespace(), kind, name),
                wanted,
                held,
                GenericKubernetesResource.class);
        seen.wrote(kind.text(), name, cache.routes(kind).offer(written).facts());
        return true;
    }

    private boolean editRoute(Step.EditRoute step) {
        Held<RouteFacts.Named> held = seen.route(step.kind(), step.name());
        UserRoute user = held == null ? null : held.facts().user();
        if (held == null || user == null || !(user.managed() || user.splitFor(key.app()))) {
            throw new StaleException(step.kind().text() + " " + step.name() + " is not to be split");
        }
        seen.endpointsStand(step.services());
        GenericKubernetesResource written = objects.replaceRules(
                Paths.route(key.namespace(), step.kind(), step.name()),
                step.rules(),
                step.original().isEmpty() ? null : OriginalText.of(step.original()),
                held,
                GenericKubernetesResource.class);
        seen.wrote(
                step.kind().text(),
                step.name(),
                cache.routes(step.kind()).offer(written).facts());
        return true;
    }

    private boolean mark(Step.Mark step) {
        Held<DeploymentFacts> held = seen.deployment(step.deployment(), step.uid());
        Map<String, @Nullable String> edit = edit(step.set(), step.remove());
        if (stands(edit, held.facts().annotations())) {
            return false;
        }
        Deployment written =
                objects.annotate(Paths.deployment(key.namespace(), step.deployment()), edit, held, Deployment.class);
        seen.wrote(
                "Deployment",
                step.deployment(),
                cache.deployments.offer(written).facts());
        return true;
    }

    private boolean unmark(Step.UnmarkRoot step) {
        Held<ServiceFacts> held = seen.service(step.service());
        Map<String, @Nullable String> edit = edit(Map.of(), step.remove());
        if (held == null || stands(edit, held.facts().annotations())) {
            return false;
        }
        Service written = objects.annotate(Paths.service(key.namespace(), step.service()), edit, held, Service.class);
        seen.wrote("Service", step.service(), cache.services.offer(written).facts());
        return true;
    }

    private static Map<String, @Nullable String> edit(Map<String, String> set, Set<String> remove) {
        Map<String, @Nullable String> edit = new HashMap<>(set);
        remove.forEach(annotation -> edit.put(annotation, null));
        return edit;
    }

    private static boolean stands(Map<String, @Nullable String> edit, Map<String, String> annotations) {
        return edit.entrySet().stream().allMatch(e -> Objects.equals(annotations.get(e.getKey()), e.getValue()));
    }

    private boolean scale(Step.Scale step) {
        Held<DeploymentFacts> held = seen.deployment(step.deployment(), step.uid());
        if (held.facts().replicas() == step.to()) {
            return false;
        }
        long version = objects.scale(Paths.scale(key.namespace(), step.deployment()), step.to(), held);
        Held<DeploymentFacts> scaled = cache.deployments.revise(
                key.namespace(), step.deployment(), held, version, facts -> facts.scaled(step.to()));
        seen.wrote("Deployment", step.deployment(), scaled.facts());
        return true;
    }

    private boolean delete(Step.Delete step) {
        String name = step.name();
        return switch (step.kind()) {
            case SERVICE -> {
                Held<ServiceFacts> held = seen.service(name);
                String app = held == null ? null : held.facts().labels().get(CanaryKey.APP.text());
                yield delete("Service", cache.services, name, held, app, Paths.service(key.namespace(), name));
            }
            case HTTP_ROUTE -> deleteRoute(RouteKind.HTTP, name);
            case GRPC_ROUTE -> deleteRoute(RouteKind.GRPC, name);
            case RELEASE ->
                delete(
                        "Release",
                        cache.releases,
                        name,
                        seen.release(name),
                        key.app(),
                        Paths.release(key.namespace(), name));
        };
    }

    private boolean deleteRoute(RouteKind kind, String name) {
        Held<RouteFacts.Named> held = seen.route(kind, name);
        String app = held == null ? null : held.facts().app();
        return delete(kind.text(), cache.routes(kind), name, held, app, Paths.route(key.namespace(), kind, name));
    }

    private <F> boolean delete(
            String kind,
            FactStore<?, F> store,
            String name,
            @Nullable Held<F> held,
            @Nullable String app,
            String path) {
        if (held == null) {
            return false;
        }
        ours(kind + " " + name, app);
        if (objects.delete(path, held)) {
            store.deleted(key.namespace(), name, held.uid());
            seen.wrote(kind, name, null);
        }
        return true;
    }

    private boolean report(Step.Report step) {
        Held<Releases.Stored> held = seen.release(step.app());
        List<Condition> before = held == null ? List.of() : held.facts().conditions();
        Map<String, Object> wanted =
                Releases.wanted(key.namespace(), step.app(), step.release(), before, clock.instant());
        GenericKubernetesResource written = held == null
                ? objects.create(
                        key.namespace(), Paths.releases(key.namespace()), wanted, GenericKubernetesResource.class)
                : objects.merge(
                        Paths.release(key.namespace(), step.app()),
                        Releases.changed(wanted),
                        held,
                        GenericKubernetesResource.class);
        seen.wrote("Release", step.app(), cache.releases.offer(written).facts().release());
        return true;
    }

    private boolean tell(Step.Tell step) {
        boolean service = step.kind().equals("Service");
        Held<?> held = service
                ? cache.services.held(key.namespace(), step.name())
                : cache.deployments.held(key.namespace(), step.name());
        return held != null
                && events.tell(
                        new Events.Subject(
                                service ? "v1" : "apps/v1", step.kind(), key.namespace(), step.name(), held.uid()),
                        step.warning(),
                        step.reason(),
                        step.why());
    }

    // A last guard: whatever a plan says, nothing of another owner is written or deleted (admission.md T5).
    private void ours(String what, @Nullable String app) {
        if (!key.app().equals(app)) {
            throw new StaleException(what + " is not ours");
        }
    }
}
