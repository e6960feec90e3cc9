// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import java.util.Optional;

/// What an annotation's text holds: a value, or what is wrong with it.
public sealed interface Reading<T> {
    /// The value that was read.
    record Value<T>(T value) implements Reading<T> {}

    /// Why nothing could be read.
    ///
    /// @param why what is wrong, as a clause: `it is empty`; foreign texts in it are escaped
    /// @param cure what to write instead; may be empty
    record Wrong<T>(String why, String cure) implements Reading<T> {}

    /// The value, if there is one.
    default Optional<T> read() {
        return switch (this) {
            case Value<T>(T value) -> Optional.of(value);
            case Wrong<T> _ -> Optional.empty();
        };
    }

    /// What is wrong, if something is.
    default Optional<Wrong<T>> problem() {
        return switch (this) {
            case Value<T> _ -> Optional.empty();
            case Wrong<T> wrong -> Optional.of(wrong);
        };
    }
}
