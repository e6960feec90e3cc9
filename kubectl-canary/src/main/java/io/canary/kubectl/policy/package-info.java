// SPDX-License-Identifier: Apache-2.0
/// CanaryPolicies at work on files and on what was read of a cluster: reads and judges, prints nothing.
@NullMarked
package io.canary.kubectl.policy;

import org.jspecify.annotations.NullMarked;
