// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.junit;

import io.canary.e2e.testbed.Binaries;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.Settings;
import io.canary.e2e.traffic.DataPlane;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one cluster of this JVM, with the product; started when first wanted.
final class SharedCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SharedCluster.class);
    private static final Path WORK = Path.of("target", "cluster");

    private final Once<ControlPlane> controlPlane;
    private final Once<List<Product>> products;
    private final Once<DataPlane> dataPlane;

    SharedCluster(Binaries binaries) {
        controlPlane = new Once<>(() -> startControlPlane(binaries));
        products = new Once<>(this::startProducts);
        dataPlane = new Once<>(() -> DataPlane.start(controlPlane()));
    }

    ControlPlane controlPlane() {
        return controlPlane.get();
    }

    void startProduct() {
        var _ = products.get();
    }

    DataPlane dataPlane() {
        return dataPlane.get();
    }

    @Override
    public void close() {
        dataPlane.ifPresent(DataPlane::close);
        products.ifPresent(list -> list.forEach(Product::close));
        controlPlane.ifPresent(ControlPlane::close);
    }

    private ControlPlane startControlPlane(Binaries binaries) {
        var started = new ControlPlane(binaries, WORK, Settings.DEFAULT).start();
        LOG.info("The cluster has started: {}", started.startTimes());
        return started;
    }

    private List<Product> startProducts() {
        var found = load(Product.class);
        found.forEach(product -> product.start(controlPlane()));
        return found;
    }

    private static <T> List<T> load(Class<T> type) {
        return ServiceLoader.load(type).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /// A value computed at the first call; a failure is remembered also, as a second try would fail as slowly.
    private static final class Once<T> {
        private final Supplier<T> source;
        private @Nullable T value;
        private @Nullable Throwable failure;

        Once(Supplier<T> source) {
            this.source = source;
        }

        synchronized T get() {
            if (failure != null) {
                throw new IllegalStateException("did not start, see the first test's failure", failure);
            }
            if (value == null) {
                try {
                    value = source.get();
                } catch (RuntimeException | AssertionError e) {
                    failure = e;
                    throw e;
                }
            }
            return value;
        }

        synchronized void ifPresent(Consumer<T> action) {
            if (value != null) {
                action.accept(value);
            }
        }
    }
}
