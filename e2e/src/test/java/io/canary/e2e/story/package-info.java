// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.e2e.story;

import org.jspecify.annotations.NullMarked;
