// SPDX-License-Identifier: Apache-2.0
/// What a person's verb means for the annotations of one app: promote, abort, set weight and the others, as pure
/// functions from the app to edits, or to the reason why there is nothing to edit.
@NullMarked
package io.canary.domain.edit;

import org.jspecify.annotations.NullMarked;
