// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.webhook.admission;

import org.jspecify.annotations.NullMarked;
