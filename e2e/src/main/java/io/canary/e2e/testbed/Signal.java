// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

/// A Unix signal.
public enum Signal {
    TERM,
    KILL,
    STOP,
    CONT;

    void to(long pid) {
        new Command("sh", "-c", "kill -" + name() + " " + pid).run().orThrow();
    }
}
