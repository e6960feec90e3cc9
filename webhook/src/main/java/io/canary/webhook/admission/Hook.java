// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import java.util.Optional;

/// The two questions an API server asks, and the path of each.
public enum Hook {
    MUTATE("/mutate"),
    VALIDATE("/validate");

    private final String path;

    Hook(String path) {
        this.path = path;
    }

    public String path() {
        return path;
    }

    static Optional<Hook> at(String path) {
        for (Hook hook : values()) {
            if (hook.path.equals(path)) {
                return Optional.of(hook);
            }
        }
        return Optional.empty();
    }
}
