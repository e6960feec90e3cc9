// SPDX-License-Identifier: Apache-2.0
/// Rights, granted and used.
@NullMarked
package io.canary.e2e.rights;

import org.jspecify.annotations.NullMarked;
