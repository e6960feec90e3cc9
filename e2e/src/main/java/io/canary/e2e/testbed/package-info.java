// SPDX-License-Identifier: Apache-2.0
/// A real control plane in one process tree, and what plays pods on it. Start reading at `ControlPlane`.
@NullMarked
package io.canary.e2e.testbed;

import org.jspecify.annotations.NullMarked;
