// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.canary.certs;

import org.jspecify.annotations.NullMarked;
