// SPDX-License-Identifier: Apache-2.0
/// The reconcile shell alone, on a real API server; in its package, to reach its parts.
@org.jspecify.annotations.NullMarked
package io.canary.webhook.reconcile;
