// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.junit;

import io.canary.e2e.testbed.ControlPlane;

/// Accompanies the tests: found by ServiceLoader, one instance for the whole JVM, called from several threads.
public interface ClusterListener extends AutoCloseable {
    /// The cluster runs; the product does not yet.
    default void clusterStarted(ControlPlane cluster) {}

    /// The test's namespace is there; its body runs next.
    default void beforeTest(Cluster cluster) {}

    /// The body is over and its namespace still there; what this throws fails the test.
    default void afterTest(Cluster cluster) {}

    /// The test failed, here or in its body: leave what helps in `cluster.artefacts()`.
    default void testFailed(Cluster cluster) {}

    @Override
    default void close() {}
}
