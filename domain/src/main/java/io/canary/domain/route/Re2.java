// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

/// The regular expressions that we write into routes: RE2, matched against the whole value (routing.md section 4).
public final class Re2 {
    /// The longest value of a header match (Gateway API).
    public static final int LONGEST = 4096;

    /// Above this program size a plain Envoy, without a mesh around it, rejects its whole configuration; a proxy of
    /// Istio takes 32768 (routing.md section 4).
    public static final int PLAIN_ENVOY = 100;

    private static final String META = "\\.+*?()|[]{}^$";

    private Re2() {}

    /// `text` as an expression that matches just this text. Means the same in RE2 and in Java.
    public static String quote(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (META.indexOf(c) >= 0) {
                out.append('\\');
            }
            out.append(c);
        }
        return out.toString();
    }

    /// About how many instructions RE2 makes of an expression of ours: one for each literal, some for each operator.
    /// Errs upwards.
    public static int programSize(String regex) {
        int size = 4;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '\\') {
                i++;
                size++;
            } else {
                size += META.indexOf(c) >= 0 ? 2 : 1;
            }
        }
        return size;
    }
}
