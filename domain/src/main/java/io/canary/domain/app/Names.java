// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.regex.Pattern;

/// The grammars of names (Kubernetes: RFC 1035 and RFC 1123 labels) and how a foreign text is shown in a message.
public final class Names {
    public static final int LONGEST = 63;
    private static final int LONGEST_SHOWN = 64;
    private static final Pattern DNS_1035 = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern DNS_1123 = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private Names() {}

    /// Whether `text` may name a Service: a letter first, at most 63 characters.
    public static boolean isDns1035(String text) {
        return DNS_1035.matcher(text).matches();
    }

    /// Whether `text` is a label of a host name: at most 63 characters.
    public static boolean isDns1123(String text) {
        return DNS_1123.matcher(text).matches();
    }

    /// The Service of one version: `order-v2`.
    public static String versionService(String app, String version) {
        return app + "-" + version;
    }

    /// `text` in quotes, cut at 64 characters, with everything but printable ASCII escaped: safe in logs, Events,
    /// warnings and terminals (admission.md T23).
    public static String quoted(String text) {
        return "\"" + shown(text) + "\"";
    }

    /// Like [#quoted] without the quotes.
    public static String shown(String text) {
        boolean cut = text.length() > LONGEST_SHOWN;
        String kept = (cut ? text.substring(0, LONGEST_SHOWN) : text)
                .replace("\\", "\\\\")
                .replace("\"", "\\\"");
        return printable(kept) + (cut ? "..." : "");
    }

    /// `text` with everything but printable ASCII escaped, however long it is: a sentence whose values are quoted
    /// already. Control characters stand as terminals show them, escape as `^[`.
    public static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f) {
                out.append(c);
            } else if (c <= 0x7f) {
                out.append('^').append((char) (c ^ 0x40));
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        return out.toString();
    }

    /// How many characters must be changed, added or left out to make one text of the other (Levenshtein).
    public static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
