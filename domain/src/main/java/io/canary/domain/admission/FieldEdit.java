// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import java.util.List;

/// One field that the mutating hook sets or removes: nothing else of an object is ever touched.
public sealed interface FieldEdit {
    /// `metadata.labels[key] = value`.
    record SetLabel(String key, String value) implements FieldEdit {}

    record RemoveLabel(String key) implements FieldEdit {}

    /// `spec.template.metadata.labels[key] = value`.
    record SetTemplateLabel(String key, String value) implements FieldEdit {}

    /// `spec.selector.matchLabels[key] = value`.
    record SetSelectorLabel(String key, String value) implements FieldEdit {}

    /// `spec.replicas = count`.
    record SetReplicas(int count) implements FieldEdit {}

    /// `spec.rules = rules` of a managed route.
    record SetRules(List<Object> rules) implements FieldEdit {
        public SetRules {
            rules = List.copyOf(rules);
        }
    }

    /// `metadata.annotations[key] = value`.
    record SetAnnotation(String key, String value) implements FieldEdit {}

    record RemoveAnnotation(String key) implements FieldEdit {}
}
