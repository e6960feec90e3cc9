// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.kubectl;

import org.jspecify.annotations.NullMarked;
