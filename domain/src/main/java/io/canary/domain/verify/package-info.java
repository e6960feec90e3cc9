// SPDX-License-Identifier: Apache-2.0
/// What a measured split is judged by: which version answered, what each should answer, how sure one can be.
@NullMarked
package io.canary.domain.verify;

import org.jspecify.annotations.NullMarked;
