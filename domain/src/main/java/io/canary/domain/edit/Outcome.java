// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.edit;

import io.canary.domain.app.Problem;
import java.util.List;

/// What a verb comes to.
public sealed interface Outcome {
    /// Something to write.
    ///
    /// @param notes what its user should know besides, in whole sentences
    record Write(List<AnnotationEdit> edits, List<String> notes) implements Outcome {
        public Write {
            edits = List.copyOf(edits);
            notes = List.copyOf(notes);
        }
    }

    /// All is as asked already, which is not to say that it is in force.
    ///
    /// @param standing what would be written if it did not stand there already: what is to come into force
    record Unchanged(String why, List<AnnotationEdit> standing) implements Outcome {
        public Unchanged {
            standing = List.copyOf(standing);
        }

        public Unchanged(String why) {
            this(why, List.of());
        }
    }

    /// It makes no sense as asked.
    ///
    /// @param hint the verb and arguments to type instead, without `kubectl canary`; may be empty
    record Refused(String error, String hint) implements Outcome {
        static Refused of(Problem problem) {
            return new Refused(problem.message(), "");
        }
    }

    /// It contradicts other objects: admission would warn and nothing would move. May be written all the same.
    record Contradicts(Write write, List<Problem> problems, String hint) implements Outcome {
        public Contradicts {
            problems = List.copyOf(problems);
        }
    }
}
