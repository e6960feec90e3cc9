// SPDX-License-Identifier: Apache-2.0
/// The cluster through kubectl, and JSON as the domain's records.
@NullMarked
package io.canary.kubectl.cluster;

import org.jspecify.annotations.NullMarked;
