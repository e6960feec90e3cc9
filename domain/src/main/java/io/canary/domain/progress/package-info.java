// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.domain.progress;

import org.jspecify.annotations.NullMarked;
