// SPDX-License-Identifier: Apache-2.0
/// What all parts need to log in moderation.
@NullMarked
package io.canary.webhook.logging;

import org.jspecify.annotations.NullMarked;
