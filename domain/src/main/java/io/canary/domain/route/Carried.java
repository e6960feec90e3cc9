// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.App;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.UserRoute;
import io.canary.domain.share.Measurement;
import io.canary.domain.share.Shares;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What the routes of an app carry: what is in force in route mode (design section 5, *Measure*).
public final class Carried {
    private Carried() {}

    /// The weights on our route, of several on the first that a controller accepts; where we have none, on a managed
    /// route; where these sum to 0, the Release; else the ready root endpoints.
    /// A ref of a version whose Deployment is gone counts under that version's name.
    public static Measurement by(App app) {
        return app.routes().stream()
                .sorted(Comparator.comparing(RouteFacts::accepted).reversed())
                .map(route -> shares(app, route))
                .filter(shares -> !shares.isNone())
                .findFirst()
                .or(() -> byManaged(app))
                .map(shares -> new Measurement(shares, Measurement.Source.ROUTE))
                .orElseGet(() -> Measurement.ofRelease(app));
    }

    /// The weights on one route of ours.
    public static Shares shares(App app, RouteFacts route) {
        Map<String, Integer> byVersion = new HashMap<>();
        String prefix = app.name() + "-";
        route.weights().forEach((service, weight) -> {
            if (service.startsWith(prefix) && weight > 0) {
                byVersion.merge(service.substring(prefix.length()), weight, Integer::sum);
            }
        });
        return Shares.ofWeights(byVersion, Measurement.newestFirst(app));
    }

    private static Optional<Shares> byManaged(App app) {
        Shares known = app.routes().isEmpty() ? Measurement.ofRelease(app).shares() : Shares.NONE;
        if (known.isNone()) {
            return Optional.empty();
        }
        Split wish = AppSplit.of(app, known, _ -> true);
        return app.userRoutes().stream()
                .filter(route -> route.managed() && route.splitFor(app.name()))
                .sorted(Comparator.comparing(UserRoute::accepted).reversed())
                .flatMap(route -> ManagedRoute.inForce(route, wish).stream())
                .map(ManagedRoute.InForce::shares)
                .filter(shares -> !shares.isNone())
                .findFirst();
    }
}
