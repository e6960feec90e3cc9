// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.e2e.watch;

import org.jspecify.annotations.NullMarked;
