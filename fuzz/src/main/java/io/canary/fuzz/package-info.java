// SPDX-License-Identifier: Apache-2.0
/// What anybody may send us, tried with inputs that nobody thought of: each target takes bytes and fails if
/// a promise is broken. [SeedsTest] replays the seeds, `fuzz/run` looks for more.
@NullMarked
package io.canary.fuzz;

import org.jspecify.annotations.NullMarked;
