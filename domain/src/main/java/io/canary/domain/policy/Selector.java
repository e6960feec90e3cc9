// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.List;
import java.util.Map;

/// A label selector of Kubernetes. An empty one selects all.
public record Selector(Map<String, String> labels, List<Requirement> requirements) {
    public static final Selector ALL = new Selector(Map.of(), List.of());

    public Selector {
        labels = Map.copyOf(labels);
        requirements = List.copyOf(requirements);
    }

    /// One of `matchExpressions`.
    public record Requirement(String key, Operator operator, List<String> values) {
        public Requirement {
            values = List.copyOf(values);
        }

        boolean matches(Map<String, String> present) {
            String value = present.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case DOES_NOT_EXIST -> value == null;
            };
        }
    }

    /// How labels are compared.
    public enum Operator {
        IN("In"),
        NOT_IN("NotIn"),
        EXISTS("Exists"),
        DOES_NOT_EXIST("DoesNotExist");

        private final String text;

        Operator(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /// Whether an object with these labels is selected.
    public boolean matches(Map<String, String> present) {
        return present.entrySet().containsAll(labels.entrySet())
                && requirements.stream().allMatch(requirement -> requirement.matches(present));
    }
}
