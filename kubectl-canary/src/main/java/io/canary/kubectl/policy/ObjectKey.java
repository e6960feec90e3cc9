// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

/// What tells objects apart.
public record ObjectKey(String namespace, String kind, String name) {
    /// As `Deployment shop/order-v2`.
    public String text() {
        return kind + " " + namespace + "/" + name;
    }
}
