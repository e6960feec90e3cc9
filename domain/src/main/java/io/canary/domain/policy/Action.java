// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.Arrays;
import java.util.Optional;

/// What is done about a rule that is broken, as in the bindings of a ValidatingAdmissionPolicy.
public enum Action {
    DENY("Deny"),
    WARN("Warn"),
    AUDIT("Audit");

    private final String text;

    Action(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    public static Optional<Action> of(String text) {
        return Arrays.stream(values())
                .filter(action -> action.text.equals(text))
                .findFirst();
    }
}
