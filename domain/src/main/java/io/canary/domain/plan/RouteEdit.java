// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is to be written to a route, ours or a user's.
///
/// @param rules all that it has then
/// @param manager the field manager that last wrote it, or null
/// @param urgent whether that takes weight from a version without endpoints
record RouteEdit(Step step, List<Object> rules, @Nullable String manager, boolean urgent) {}
