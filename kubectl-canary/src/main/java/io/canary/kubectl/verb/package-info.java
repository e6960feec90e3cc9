// SPDX-License-Identifier: Apache-2.0
/// The verbs: each reads, asks the domain, writes and tells.
@NullMarked
package io.canary.kubectl.verb;

import org.jspecify.annotations.NullMarked;
