// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.Contour;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.GatewayController;
import io.canary.e2e.testbed.Traefik;
import io.canary.e2e.traffic.RouteKind.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A test's way into its namespace: a Gateway, a client that knows its address, and what arrived.
///
/// With Traefik each test has a Gateway of its own, with Contour all have one. They share one entry point, so
/// routes need host names of their own: [#host].
public final class Gateway implements AutoCloseable {
    /// The name of a Gateway that a test has for itself.
    public static final String NAME = "gateway";

    private static final int CONNECTIONS = 8;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ControlPlane controlPlane;
    private final DataPlane dataPlane;
    private final String namespace;
    private final Client client;

    private Gateway(ControlPlane controlPlane, DataPlane dataPlane, String namespace) {
        this.controlPlane = controlPlane;
        this.dataPlane = dataPlane;
        this.namespace = namespace;
        this.client = client(CONNECTIONS);
    }

    /// Creates the Gateway where each test has its own; returns when it is programmed.
    public static Gateway create(ControlPlane controlPlane, DataPlane dataPlane, String namespace) {
        var gateway = new Gateway(controlPlane, dataPlane, namespace);
        switch (dataPlane.controller()) {
            case Traefik _ -> gateway.create();
            case Contour _ -> {} // has programmed its one Gateway
        }
        return gateway;
    }

    private void create() {
        var manifest = """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: %s, namespace: %s}
                spec:
                  gatewayClassName: %s
                  listeners: [{name: http, protocol: HTTP, port: 80}]
                """.formatted(NAME, namespace, Traefik.CLASS);
        controlPlane.kubectl(manifest, List.of("apply", "-f", "-")).orThrow();
        controlPlane
                .kubectl(
                        "wait",
                        "gateway/" + NAME,
                        "--namespace=" + namespace,
                        "--for=condition=Programmed",
                        "--timeout=" + LIMIT.toSeconds() + "s")
                .orThrow();
    }

    /// The Gateway as one of a route's `parentRefs`, in YAML's flow style.
    public String parent() {
        return switch (dataPlane.controller()) {
            case Traefik _ -> "{name: " + NAME + "}";
            case Contour _ -> "{name: " + Contour.GATEWAY + ", namespace: " + Contour.NAMESPACE + "}";
        };
    }

    /// Where requests go, for programs that are no test: `http://10.250.0.2:80`.
    public String address() {
        var controller = dataPlane.controller();
        return "http://" + controller.host() + ":" + controller.port();
    }

    /// Who serves it.
    public GatewayController controller() {
        return dataPlane.controller();
    }

    /// A host name that no other test has: `<name>.<namespace>.test`.
    public String host(String name) {
        return name + "." + namespace + ".test";
    }

    /// `send` on the client that the test shares, with eight connections.
    public Tally send(int count, Request request) {
        return client.send(count, request);
    }

    /// A client of its own.
    ///
    /// @param connections how many it keeps open to one host name
    public Client client(int connections) {
        var controller = dataPlane.controller();
        var address = SocketAddress.inetSocketAddress(controller.port(), controller.host());
        return new Client(dataPlane.vertx(), address, connections);
    }

    /// Sends so many requests a second from now on, until closed; on at most 64 connections of its own.
    public SteadyLoad load(double perSecond, Request request) {
        return new SteadyLoad(client(64), perSecond, request);
    }

    /// Sends one request after another until a pod answers, as a route is in force some time after it is accepted.
    public void awaitAnswered(Request request) {
        awaitOutcome("a pod answers " + request, request, Outcome.Answered.class::isInstance);
    }

    /// Sends one request after another until one ends as wanted.
    public void awaitOutcome(String what, Request request, Predicate<Outcome> wanted) {
        var last = new ArrayList<Outcome>();
        Await.until(
                what,
                LIMIT,
                () -> {
                    var outcome = client.send(request);
                    last.clear();
                    last.add(outcome);
                    return wanted.test(outcome);
                },
                last::toString);
    }

    /// Waits until the controller has accepted the present generation of a route and found all that it refers to.
    /// It is in force some time later: [#awaitWeights], [#awaitAnswered].
    public void awaitRoute(RouteKind kind, String name) {
        awaitCondition(kind, name, "Accepted", "True");
        awaitCondition(kind, name, "ResolvedRefs", "True");
    }

    /// Waits for a condition of a route, set for its present generation.
    public Condition awaitCondition(RouteKind kind, String name, String type, String status) {
        var found = new ArrayList<Condition>();
        Await.until(
                "%s %s is %s=%s".formatted(kind, name, type, status),
                LIMIT,
                () -> {
                    found.clear();
                    conditions(kind, name).stream()
                            .filter(each -> each.current()
                                    && each.type().equals(type)
                                    && each.status().equals(status))
                            .forEach(found::add);
                    return !found.isEmpty();
                },
                () -> conditions(kind, name).toString());
        return found.getFirst();
    }

    /// All that the controller says of a route; nothing where there is none.
    public List<Condition> conditions(RouteKind kind, String name) {
        var route = object(kind, name);
        return route == null
                ? List.of()
                : RouteKind.conditions(route, dataPlane.controller().controllerName());
    }

    private @Nullable GenericKubernetesResource object(RouteKind kind, String name) {
        return controlPlane
                .client()
                .genericKubernetesResources(kind.context())
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    /// The weights that a rule of a route has in force in the data plane: Service to weight, in the rule's order;
    /// empty where the rule is not in force. All later requests are split by them.
    ///
    /// @param rule from 0 on
    public Map<String, Integer> weights(RouteKind kind, String name, int rule) {
        return switch (dataPlane.controller()) {
            case Traefik traefik -> InForce.weights(traefik.api("http/services"), kind, namespace, name, rule);
            case Contour contour -> {
                var route = object(kind, name);
                yield route == null
                        ? Map.of()
                        : EnvoyRoutes.weights(contour.routes(), contour.clusters(), kind, route, rule);
            }
        };
    }

    /// Waits until a rule of a route is in force with just these weights.
    public void awaitWeights(RouteKind kind, String name, int rule, Map<String, Integer> wanted) {
        Await.until(
                "rule %d of %s %s has %s in force".formatted(rule, kind, name, wanted),
                LIMIT,
                () -> weights(kind, name, rule).equals(wanted),
                () -> weights(kind, name, rule).toString());
    }

    /// All requests that arrived at pods of the namespace, in order.
    public List<Served> served() {
        return dataPlane.backends().served(namespace);
    }

    @Override
    public void close() {
        client.close();
        dataPlane.backends().forget(namespace);
    }
}
