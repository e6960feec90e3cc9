// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import java.util.List;

/// Loads, while the cluster is being reached, what the first TLS connection will need: else one core would wait.
final class Preload {
    /// Netty tries its TLS server, and looks for Bouncy Castle, when this class is initialized.
    private static final List<String> CLASSES =
            List.of("io.netty.handler.ssl.JdkSslServerContext", "io.netty.handler.ssl.SslHandler");

    private Preload() {}

    static void start() {
        Thread.ofPlatform().daemon().name("preload").start(Preload::run);
    }

    private static void run() {
        try {
            for (String name : CLASSES) {
                Class.forName(name);
            }
        } catch (ClassNotFoundException | LinkageError _) {
            // Whoever needs the class says what is wrong with it.
        }
    }
}
