// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.webhook.certificates;

import org.jspecify.annotations.NullMarked;
