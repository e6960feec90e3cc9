// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.ServiceFacts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which apps a changed object concerns. `view` is the namespace after the change.
final class AffectedApps {
    private AffectedApps() {}

    /// The app it was in and the one it is in: an edit can move it.
    static Set<String> ofDeployment(
            NamespaceView view, @Nullable DeploymentFacts before, @Nullable DeploymentFacts after) {
        Set<String> apps = new HashSet<>();
        present(before, after).forEach(deployment -> {
            add(apps, view.appOf(deployment));
            add(apps, deployment.get(CanaryKey.APP));
            add(apps, deployment.get(CanaryKey.SERVICE));
        });
        return apps;
    }

    /// Its own app, and those of all Deployments that it selects or selected, or that name it.
    static Set<String> ofService(NamespaceView view, @Nullable ServiceFacts before, @Nullable ServiceFacts after) {
        Set<String> apps = new HashSet<>();
        NamespaceView earlier = with(view, before, after);
        present(before, after).forEach(service -> {
            apps.add(service.name());
            add(apps, service.labels().get(CanaryKey.APP.text()));
            for (DeploymentFacts deployment : view.deployments()) {
                if (service.selects(deployment.templateLabels())
                        || service.name().equals(deployment.get(CanaryKey.SERVICE))) {
                    add(apps, view.appOf(deployment));
                    add(apps, earlier.appOf(deployment));
                }
            }
        });
        return apps;
    }

    private static NamespaceView with(NamespaceView view, @Nullable ServiceFacts before, @Nullable ServiceFacts after) {
        List<ServiceFacts> services = new ArrayList<>(view.services());
        services.remove(after);
        if (before != null) {
            services.add(before);
        }
        return view.with(view.deployments(), services);
    }

    /// Endpoints of a root Service, or of the Service of one version, ours or a user's.
    static Set<String> ofEndpoints(NamespaceView view, String service) {
        Set<String> apps = new HashSet<>();
        apps.add(service);
        view.services().stream().filter(s -> s.name().equals(service)).forEach(s -> {
            add(apps, s.labels().get(CanaryKey.APP.text()));
            if (!s.rootLike()) {
                view.deployments().stream()
                        .filter(d -> s.selects(d.templateLabels()))
                        .forEach(d -> add(apps, view.appOf(d)));
            }
        });
        return apps;
    }

    static Set<String> ofDeploymentNamed(NamespaceView view, String name) {
        Set<String> apps = new HashSet<>();
        view.deployments().stream().filter(d -> d.name().equals(name)).forEach(d -> add(apps, view.appOf(d)));
        return apps;
    }

    /// The app that a route is of, and those whose root Service is or was its parent.
    static Set<String> ofRoute(RouteFacts.@Nullable Named before, RouteFacts.@Nullable Named after) {
        Set<String> apps = new HashSet<>();
        present(before, after).forEach(route -> {
            add(apps, route.app());
            apps.add(route.route().name()); // its name may be the one we want
            if (route.user() != null) {
                route.user().services().forEach(parent -> apps.add(parent.name()));
                apps.addAll(route.user().backends());
                apps.addAll(route.user().original().keySet());
            }
        });
        return apps;
    }

    private static <T> Stream<T> present(@Nullable T before, @Nullable T after) {
        return Stream.of(before, after).filter(Objects::nonNull).map(Objects::requireNonNull);
    }

    private static void add(Set<String> apps, @Nullable String app) {
        if (app != null) {
            apps.add(app);
        }
    }
}
