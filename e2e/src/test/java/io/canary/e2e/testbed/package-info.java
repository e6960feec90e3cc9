// SPDX-License-Identifier: Apache-2.0
/// The testbed tried on itself: what the other tests take for granted.
@NullMarked
package io.canary.e2e.testbed;

import org.jspecify.annotations.NullMarked;
