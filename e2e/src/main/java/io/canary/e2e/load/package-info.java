// SPDX-License-Identifier: Apache-2.0
/// Load on the API server that shares no code with the product: single calls, at a pace that no answer changes.
@NullMarked
package io.canary.e2e.load;

import org.jspecify.annotations.NullMarked;
