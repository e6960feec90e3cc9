// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.e2e.demo;

import org.jspecify.annotations.NullMarked;
