// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.domain.plan;

import org.jspecify.annotations.NullMarked;
