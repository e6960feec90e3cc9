// SPDX-License-Identifier: Apache-2.0
/// From events to writes: caches, a queue, plans applied step by step, leadership.
@org.jspecify.annotations.NullMarked
package io.canary.webhook.reconcile;
