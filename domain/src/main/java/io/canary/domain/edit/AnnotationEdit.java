// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.edit;

import io.canary.domain.app.CanaryKey;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Annotations of one object to set or to remove, in one write.
///
/// @param name of the object, in the app's namespace
/// @param values by key; null removes it
public record AnnotationEdit(Kind kind, String name, Map<CanaryKey, @Nullable String> values) {
    /// On what annotations of users stand.
    public enum Kind {
        DEPLOYMENT("Deployment", "deployment"),
        SERVICE("Service", "service");

        private final String object;
        private final String text;

        Kind(String object, String text) {
            this.object = object;
            this.text = text;
        }

        /// As it stands in an object: `Deployment`.
        public String object() {
            return object;
        }

        /// As kubectl names it: `deployment`.
        public String text() {
            return text;
        }
    }

    public AnnotationEdit {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    static AnnotationEdit set(Kind kind, String name, CanaryKey key, String value) {
        return new AnnotationEdit(kind, name, Map.of(key, value));
    }

    static AnnotationEdit remove(Kind kind, String name, CanaryKey... keys) {
        Map<CanaryKey, @Nullable String> values = new LinkedHashMap<>();
        for (CanaryKey key : keys) {
            values.put(key, null);
        }
        return new AnnotationEdit(kind, name, values);
    }

    /// This edit, and `key` set in the same write.
    public AnnotationEdit and(CanaryKey key, String value) {
        Map<CanaryKey, @Nullable String> more = new LinkedHashMap<>(values);
        more.put(key, value);
        return new AnnotationEdit(kind, name, more);
    }

    /// `annotations` after this edit.
    Map<String, String> applied(Map<String, String> annotations) {
        Map<String, String> edited = new LinkedHashMap<>(annotations);
        values.forEach((key, value) -> {
            if (value == null) {
                edited.remove(key.text());
            } else {
                edited.put(key.text(), value);
            }
        });
        return edited;
    }
}
