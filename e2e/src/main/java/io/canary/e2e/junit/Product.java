// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.junit;

import io.canary.e2e.testbed.ControlPlane;

/// What is under test: found by ServiceLoader, started once, before the first test that wants it.
public interface Product extends AutoCloseable {
    /// Installs and starts it; returns when it is ready to serve.
    void start(ControlPlane cluster);

    @Override
    void close();
}
