// SPDX-License-Identifier: Apache-2.0
/// What needs no cluster; the rest is tried in `GatewayIT`.
@NullMarked
package io.canary.e2e.traffic;

import org.jspecify.annotations.NullMarked;
