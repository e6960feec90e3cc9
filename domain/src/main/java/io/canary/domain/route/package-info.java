// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.domain.route;

import org.jspecify.annotations.NullMarked;
