// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

/// The world moved on between plan and write: the rest of the plan may no longer be right.
final class StaleException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StaleException(String what) {
        super(what);
    }
}
