// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import java.util.List;

/// What a measurement says of the split.
public sealed interface Verdict {
    /// The expected share of every version lies in its interval, and every request was answered by a version.
    record Inside() implements Verdict {}

    /// That of these versions does not.
    record Outside(List<Verification.Row> rows) implements Verdict {
        public Outside {
            rows = List.copyOf(rows);
        }
    }

    /// The shares are as expected, but not every request was answered by a version.
    ///
    /// @param unknown answers that no version could be told from
    record Incomplete(int failed, int unknown) implements Verdict {}

    /// The word for it in data: `inside`, `outside`, `incomplete`.
    default String text() {
        return switch (this) {
            case Inside() -> "inside";
            case Outside _ -> "outside";
            case Incomplete _ -> "incomplete";
        };
    }
}
