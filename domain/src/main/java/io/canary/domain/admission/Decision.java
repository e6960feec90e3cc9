// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.Problem;
import java.util.List;
import java.util.stream.Collectors;

/// The answer to a request.
public sealed interface Decision {
    /// Texts of at most 120 characters for the user.
    List<String> warnings();

    /// It may be done as it is.
    record Allow(List<String> warnings) implements Decision {
        public Allow {
            warnings = List.copyOf(warnings);
        }
    }

    /// It may be done with these edits; at least one.
    record Mutate(List<FieldEdit> edits, List<String> warnings) implements Decision {
        public Mutate {
            edits = List.copyOf(edits);
            warnings = List.copyOf(warnings);
        }
    }

    /// It may not be done.
    ///
    /// @param refusals at least one, the weightiest first
    record Deny(List<Refusal> refusals, List<String> warnings) implements Decision {
        public Deny {
            refusals = List.copyOf(refusals);
            warnings = List.copyOf(warnings);
            if (refusals.isEmpty()) {
                throw new IllegalArgumentException("a refusal needs a reason");
            }
        }

        /// The HTTP code of the first refusal.
        public int code() {
            return refusals.getFirst().rule().code();
        }

        /// Whether the same request may pass in a moment, with nothing changed by who asks.
        public boolean temporary() {
            return code() == 503;
        }

        public List<Problem> problems() {
            return refusals.stream().map(Refusal::problem).toList();
        }

        /// All that is wrong, in one line.
        public String message() {
            return problems().stream().map(Problem::message).collect(Collectors.joining("; "));
        }
    }
}
