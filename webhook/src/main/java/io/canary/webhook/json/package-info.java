// SPDX-License-Identifier: Apache-2.0
/// Texts in annotations that are JSON, read and written by admission and reconciler alike.
@NullMarked
package io.canary.webhook.json;

import org.jspecify.annotations.NullMarked;
