// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes moves of what stands in objects.
public final class Moves {
    private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";

    private final App app;
    private final int total;
    private final boolean byPods;

    /// Moves of `app`.
    ///
    /// @param total pods that its versions share; [Total#UNKNOWN] where it cannot be told
    /// @param byPods whether traffic follows pods
    public Moves(App app, int total, boolean byPods) {
        this.app = app;
        this.total = total;
        this.byPods = byPods;
    }

    /// What a Deployment is judged by.
    public Move.Judged judged(DeploymentFacts workload, @Nullable String override) {
        List<String> hosts = hosts(workload);
        return new Move.Judged(
                "Deployment",
                workload.name(),
                workload.labels(),
                workload.labels(),
                workload.images(),
                hosts,
                hosts.isEmpty() ? List.of() : gateways(),
                override);
    }

    /// What the root Service is judged by, with the images of `version` where that is known.
    public Move.Judged judged(ServiceFacts root, String version, @Nullable String override) {
        return new Move.Judged(
                "Service",
                root.name(),
                root.labels(),
                root.labels(),
                app.version(version).map(v -> v.deployment().images()).orElse(List.of()),
                List.of(),
                List.of(),
                override);
    }

    /// A change of the weight or of the users of `version`.
    public Move of(Move.Kind kind, Version version, int from, int to, boolean fresh, @Nullable String override) {
        return of(kind, version.deployment(), version.name(), from, to, fresh, override);
    }

    /// The same of a Deployment that may not be of the app yet.
    ///
    /// @param version what it will be called; empty where that cannot be told
    public Move of(
            Move.Kind kind,
            DeploymentFacts workload,
            String version,
            int from,
            int to,
            boolean fresh,
            @Nullable String override) {
        return new Move(kind, app, version, from, to, fresh, judged(workload, override), pods(version), known(version));
    }

    /// A change of the root Service.
    public Move of(Move.Kind kind, ServiceFacts root, String version, @Nullable String override) {
        int to = kind == Move.Kind.PROMOTE ? Weight.ALL : 0;
        return new Move(
                kind,
                app,
                version,
                asked(version),
                to,
                false,
                judged(root, version, override),
                pods(version),
                known(version));
    }

    /// A change of another object of the app.
    public Move of(Move.Kind kind, Move.Judged judged) {
        return new Move(kind, app, "", 0, 0, false, judged, pods(""), Release.Standing.NONE);
    }

    /// What the Release knows of `version` and the pod template that it runs.
    public Release.Standing known(String version) {
        return app.version(version)
                .flatMap(now -> app.recorded(now)
                        .map(status -> status.standing().of(now.deployment().templateHash())))
                .orElse(Release.Standing.NONE);
    }

    /// What `version` asks for as it stands, seen from `inForce` basis points: empty where it asks for nothing.
    ///
    /// @param waived whether it was asked for with an override that was allowed
    public Stream<Move> standing(Version version, int inForce, boolean waived) {
        int asked = version.askedBasisPoints();
        boolean stable = version.name().equals(Contradictions.stableOrRecorded(app));
        String override = waived ? version.get(CanaryKey.OVERRIDE) : null;
        if (asked > 0 && !stable) {
            return Stream.of(of(Move.Kind.ADVANCE, version, inForce, asked, false, override));
        }
        return version.enters() ? Stream.of(of(Move.Kind.ENTER, version, 0, 0, false, override)) : Stream.empty();
    }

    private int asked(String version) {
        return app.version(version).map(Version::askedBasisPoints).orElse(0);
    }

    /// How pods would be divided if `version` asked for something else.
    public Move.Pods pods(String version) {
        String stable = Contradictions.stableOrRecorded(app);
        Map<String, Integer> others = new HashMap<>();
        for (Version other : app.versions()) {
            if (!other.name().equals(version) && !other.name().equals(stable) && other.askedBasisPoints() > 0) {
                others.put(other.name(), other.askedBasisPoints());
            }
        }
        return new Move.Pods(
                total,
                byPods,
                others,
                stable,
                app.versions().stream().map(Version::name).toList());
    }

    /// The hosts that a Deployment asks for, whether they can be had or not.
    public static List<String> hosts(DeploymentFacts workload) {
        String text = workload.get(CanaryKey.HOSTS);
        return text == null
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(String::strip)
                        .filter(host -> !host.isEmpty())
                        .toList();
    }

    /// The Gateways that routes for canary domains of the app hang on: those of its managed routes.
    private List<String> gateways() {
        List<String> gateways = new ArrayList<>();
        for (UserRoute route : app.userRoutes()) {
            if (route.managed()) {
                gateways.addAll(gateways(app.namespace(), route.spec()));
            }
        }
        return gateways.stream().distinct().toList();
    }

    /// `namespace/name` of the Gateways that a route is hung on.
    ///
    /// @param spec of the route
    public static List<String> gateways(String namespace, Map<String, Object> spec) {
        return new JsonObject(spec)
                .objects("parentRefs").stream()
                        .filter(ref -> !ref.has("kind") || ref.text("kind").equals("Gateway"))
                        .filter(ref -> !ref.has("group") || ref.text("group").equals(GATEWAY_GROUP))
                        .map(ref -> (ref.has("namespace") ? ref.text("namespace") : namespace) + "/" + ref.text("name"))
                        .toList();
    }
}
