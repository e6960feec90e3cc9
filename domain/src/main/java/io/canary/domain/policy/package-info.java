// SPDX-License-Identifier: Apache-2.0
/// Limits that cluster owners set for everybody, and what they say of a change (issue 6, policy.md). Pure: time and the
/// answers about rights are passed in, so webhook, reconciler and plugin judge alike.
@NullMarked
package io.canary.domain.policy;

import org.jspecify.annotations.NullMarked;
