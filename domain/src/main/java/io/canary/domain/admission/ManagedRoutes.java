// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.json.JsonObject;
import io.canary.domain.route.AppSplit;
import io.canary.domain.route.Carried;
import io.canary.domain.route.ManagedRoute;
import io.canary.domain.route.Original;
import io.canary.domain.route.Refused;
import io.canary.domain.route.RouteLimits;
import io.canary.domain.route.Split;
import io.canary.domain.share.Shares;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A managed route that is written by somebody else is split as traffic is now in the same request, so that a file that
/// is applied again never shows other weights to anybody (design section 6).
final class ManagedRoutes {
    private ManagedRoutes() {}

    static void split(
            @Nullable Subject before,
            Subject.Route route,
            NamespaceView view,
            List<FieldEdit> edits,
            Warnings warnings) {
        if (!UserRoute.asksFor(route.annotations())
                || new JsonObject(route.spec()).objects("rules").isEmpty()) {
            return;
        }
        RouteKind kind = RouteKind.of(route.kind());
        Original original = Original.of(new JsonObject(route.original()));
        Map<String, Object> spec = new LinkedHashMap<>(route.spec());
        List<Object> rules = List.of();
        for (String name : apps(route, view)) {
            App app = view.app(name);
            if (!app.carried() || app.versions().isEmpty()) {
                continue; // not entered yet: the first split carries what is measured then
            }
            Shares shares = carried(before, app);
            if (shares.isNone()) {
                continue;
            }
            Split wish = AppSplit.of(app, shares, version -> serves(app, version));
            Split asked = bare(before, app, wish) ? wish.bare() : wish;
            switch (ManagedRoute.split(kind, new JsonObject(spec), original, asked, RouteLimits.of(app, kind))) {
                case ManagedRoute.Changed done -> {
                    rules = done.rules();
                    spec.put("rules", rules);
                    original = done.original();
                    done.cautions().forEach(warnings::add);
                }
                case Refused no -> warnings.add(route.kind() + " cannot be split for " + name + ": " + no.message());
                case ManagedRoute.Unchanged _, ManagedRoute.NothingToSplit _ -> {}
            }
        }
        if (!rules.isEmpty()) {
            edits.add(new FieldEdit.SetRules(rules));
            edits.add(
                    original.isEmpty()
                            ? new FieldEdit.RemoveAnnotation(CanaryKey.ORIGINAL.text())
                            : new FieldEdit.SetAnnotation(CanaryKey.ORIGINAL.text(), original.text()));
        }
    }

    /// What the stored route carries: that is what its watchers have seen. Where it is not split yet, what our own
    /// does.
    private static Shares carried(@Nullable Subject before, App app) {
        Shares others = Carried.by(app).shares();
        if (!(before instanceof Subject.Route old) || others.isNone()) {
            return others;
        }
        RouteKind kind = RouteKind.of(old.kind());
        Original original = Original.of(new JsonObject(old.original()));
        return ManagedRoute.measure(
                        kind,
                        new JsonObject(old.spec()),
                        original,
                        AppSplit.of(app, others, _ -> true),
                        RouteLimits.of(app, kind))
                .rules()
                .stream()
                .map(ManagedRoute.InForce::shares)
                .filter(shares -> !shares.isNone() && old.original().containsKey(app.name()))
                .filter(shares ->
                        shares.versions().stream().allMatch(v -> app.version(v).isPresent()))
                .findFirst()
                .orElse(others);
    }

    /// Whether the stored route carries the shares alone: its controller may know no more, and users are the
    /// reconciler's to add.
    private static boolean bare(@Nullable Subject before, App app, Split wish) {
        return before instanceof Subject.Route old
                && old.original().containsKey(app.name())
                && ManagedRoute.split(
                                RouteKind.of(old.kind()),
                                new JsonObject(old.spec()),
                                Original.of(new JsonObject(old.original())),
                                wish.bare(),
                                RouteLimits.CURRENT)
                        instanceof ManagedRoute.Unchanged;
    }

    private static boolean serves(App app, Version version) {
        ServiceFacts service = app.services().get(app.serviceOf(version.name()));
        return version.labelled() && version.serviceReady() > 0 && service != null && service.ours();
    }

    /// Why `route` cannot be split for `app` as it stands, or empty.
    static Optional<String> refusal(UserRoute route, App app) {
        Shares shares = Carried.by(app).shares();
        return !shares.isNone()
                        && ManagedRoute.split(
                                        route, AppSplit.of(app, shares, _ -> true), RouteLimits.of(app, route.kind()))
                                instanceof Refused no
                ? Optional.of(no.message())
                : Optional.empty();
    }

    /// The apps whose root Service or version Services it names, and those that it is split for.
    private static Set<String> apps(Subject.Route route, NamespaceView view) {
        Set<String> named = new TreeSet<>();
        for (JsonObject rule : new JsonObject(route.spec()).objects("rules")) {
            rule.objects("backendRefs").forEach(ref -> named.add(ref.text("name")));
        }
        Set<String> apps = new TreeSet<>(route.original().keySet());
        apps.addAll(named);
        view.services().stream()
                .filter(service -> named.contains(service.name()))
                .map(service -> service.labels().get(CanaryKey.APP.text()))
                .filter(Objects::nonNull)
                .forEach(app -> apps.add(String.valueOf(app)));
        apps.retainAll(view.apps());
        return apps;
    }
}
