// SPDX-License-Identifier: Apache-2.0
/// Real requests through a Gateway: who sends them, and the pods that answer and keep count.
@NullMarked
package io.canary.e2e.traffic;

import org.jspecify.annotations.NullMarked;
