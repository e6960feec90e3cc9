// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.webhook.health;

import org.jspecify.annotations.NullMarked;
