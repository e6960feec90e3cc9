// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

/// What is wrong in an object or between objects, and the cure; worded alike in admission, Release and plugin.
///
/// @param field where it stands, as `metadata.annotations[canary.io/weight]`
/// @param text what is wrong and which rule it breaks
/// @param cure what to write or type instead; may be empty
public record Problem(String field, String text, String cure) {
    /// A problem of the value of an annotation.
    public static Problem of(CanaryKey key, String text, String cure) {
        return new Problem(annotation(key.text()), text, cure);
    }

    /// The path of an annotation in an object.
    public static String annotation(String key) {
        return "metadata.annotations[" + Names.shown(key) + "]";
    }

    /// One line: field, what is wrong, cure.
    public String message() {
        return field + ": " + text + (cure.isEmpty() ? "" : " (" + cure + ")");
    }
}
