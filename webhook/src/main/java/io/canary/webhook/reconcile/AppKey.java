// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

/// Names an app in the cluster.
public record AppKey(String namespace, String app) {
    @Override
    public String toString() {
        return namespace + "/" + app;
    }
}
