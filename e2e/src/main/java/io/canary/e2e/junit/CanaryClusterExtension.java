// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.junit;

import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.Binaries;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.traffic.Gateway;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the tests of a `CanaryCluster` class: the shared cluster, a namespace each, artefacts on failure.
public final class CanaryClusterExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final Logger LOG = LoggerFactory.getLogger(CanaryClusterExtension.class);

    /// The label of all namespaces of a run; webhook configurations for tests select by it.
    static final String RUN_LABEL = "canary.test/run";

    private static final String RUN = UUID.randomUUID().toString();
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final ExtensionContext.Namespace STORE =
            ExtensionContext.Namespace.create(CanaryClusterExtension.class);
    private static final Duration NAMESPACE_LIMIT = Duration.ofSeconds(20);

    @Override
    public void beforeAll(ExtensionContext context) {
        switch (Binaries.find(System.getenv())) {
            case Binaries.Found.Unavailable(var reason) -> unavailable(reason);
            case Binaries.Found.Ready(var binaries) -> {
                var shared = rootStore(context)
                        .computeIfAbsent(SharedCluster.class, _ -> new SharedCluster(binaries), SharedCluster.class);
                var _ = shared.controlPlane();
                if (wantsProduct(context)) {
                    shared.startProduct();
                }
            }
        }
    }

    private static void unavailable(String reason) {
        if (Boolean.parseBoolean(System.getenv("CANARY_IT_REQUIRED"))) {
            throw new IllegalStateException("CANARY_IT_REQUIRED=true, but there is no cluster: " + reason);
        }
        Assumptions.abort("no cluster: " + reason);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        var _ = cluster(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        var cluster = cluster(context);
        if (context.getExecutionException().isPresent()) {
            Artefacts.keep(cluster);
            LOG.warn("{} failed; what happened is kept in e2e/{}", context.getDisplayName(), cluster.artefacts());
        }
        cluster.usedGateway().ifPresent(Gateway::close);
        cluster.client().namespaces().withName(cluster.namespace()).delete();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        return type == ControlPlane.class
                || (type == Cluster.class && context.getTestMethod().isPresent());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Cluster.class
                ? cluster(context)
                : shared(context).controlPlane();
    }

    /// The cluster as this test sees it, for extensions that watch or set up more.
    public static Cluster cluster(ExtensionContext context) {
        return context.getStore(STORE).computeIfAbsent(Cluster.class, _ -> newCluster(context), Cluster.class);
    }

    private static Cluster newCluster(ExtensionContext context) {
        var test = context.getRequiredTestClass();
        var hash = Integer.toHexString(test.getName().hashCode() & 0xffff);
        var namespace = "t-" + hash + "-" + COUNTER.incrementAndGet();
        var controlPlane = shared(context).controlPlane();
        createNamespace(controlPlane.client(), namespace);
        var artefacts = Path.of(
                "target",
                "artefacts",
                test.getSimpleName() + "-" + context.getRequiredTestMethod().getName());
        return new Cluster(shared(context), namespace, artefacts);
    }

    /// Returns when pods can be created in it.
    private static void createNamespace(KubernetesClient client, String name) {
        var namespace = new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(RUN_LABEL, RUN)
                .endMetadata()
                .build();
        client.namespaces().resource(namespace).create();
        Await.until(
                "the namespace's ServiceAccount is there",
                NAMESPACE_LIMIT,
                () -> client.serviceAccounts()
                                .inNamespace(name)
                                .withName("default")
                                .get()
                        != null);
    }

    private static boolean wantsProduct(ExtensionContext context) {
        for (Class<?> test = context.getRequiredTestClass(); test != null; test = test.getEnclosingClass()) {
            var annotation = test.getAnnotation(CanaryCluster.class);
            if (annotation != null) {
                return annotation.product();
            }
        }
        return true;
    }

    private static SharedCluster shared(ExtensionContext context) {
        var shared = rootStore(context).get(SharedCluster.class, SharedCluster.class);
        if (shared == null) {
            throw new IllegalStateException("no cluster was started");
        }
        return shared;
    }

    private static ExtensionContext.Store rootStore(ExtensionContext context) {
        return context.getRoot().getStore(STORE);
    }
}
