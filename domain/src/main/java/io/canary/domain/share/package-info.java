// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.domain.share;

import org.jspecify.annotations.NullMarked;
