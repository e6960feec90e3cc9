// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// A cluster with 1,000 Deployments in ten namespaces: 100 apps in a release, two versions each at 50 %, and 800
/// Deployments that nobody annotated. All have one pod and one Service an app.
final class ManyDeployments {
    private static final int RELEASES = 100;
    private static final int PLAIN = 800;
    private static final int NAMESPACES = 10;
    private static final int AT_ONCE = 4;

    private final Lab lab;
    private final Arrivals<Map<String, Integer>> routes;
    private final Arrivals<Integer> ready;
    private final List<ShopApp> releases = IntStream.range(0, RELEASES)
            .mapToObj(i -> new ShopApp(namespace(i), "many-%03d".formatted(i)))
            .toList();

    ManyDeployments(Lab lab, Arrivals<Map<String, Integer>> routes, Arrivals<Integer> ready) {
        this.lab = lab;
        this.routes = routes;
        this.ready = ready;
    }

    /// The apps in a release.
    List<ShopApp> releases() {
        return releases;
    }

    /// Returns when all releases have come to 50 %; the other Deployments' pods may still be starting.
    void create() {
        List<ShopApp> plain = new ArrayList<>();
        IntStream.range(0, NAMESPACES).forEach(i -> lab.namespace(namespace(i)));
        IntStream.range(0, PLAIN).forEach(i -> plain.add(new ShopApp(namespace(i), "plain-%03d".formatted(i))));
        try (ExecutorService few = Executors.newFixedThreadPool(AT_ONCE)) {
            plain.stream().map(app -> few.submit(() -> create(app))).toList().forEach(ManyDeployments::done);
        }
        releases.parallelStream().forEach(app -> lab.begin(app, 50, 2));
        releases.forEach(app -> lab.awaitReleased(app, 50, 2, routes, ready));
    }

    private static String namespace(int number) {
        return "bench-many-" + number % NAMESPACES;
    }

    private void create(ShopApp app) {
        lab.api().create(app.services(), app.rootService(Map.of())).required();
        lab.api().create(app.deployments(), app.deployment("v1", 1, Map.of())).required();
    }

    private static void done(Future<?> creation) {
        try {
            creation.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an app could not be created", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating apps", e);
        }
    }
}
