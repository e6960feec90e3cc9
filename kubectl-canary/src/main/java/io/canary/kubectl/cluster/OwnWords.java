// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import java.util.List;
import java.util.regex.Pattern;

/// Tells kubectl's own errors and warnings, which we word anew, from what others say through it: a credential plugin's
/// device code must be seen at once, whatever the call comes to (cli.md section 1). Fed with pieces as they come.
final class OwnWords {
    private static final List<String> STARTS = List.of(
            "Error from server",
            "Error in configuration",
            "error:",
            "Error: ",
            "Warning:",
            "Unable to connect to the server",
            "The connection to the server",
            "No resources found",
            "* ");
    private static final Pattern LOG = Pattern.compile("[EIWF][0-9]{4} .*", Pattern.DOTALL);
    private static final Pattern LOG_BEGUN = Pattern.compile("[EIWF][0-9]{0,4}");
    private static final Pattern INVALID = Pattern.compile("The \\S+ \".*\" is invalid:.*", Pattern.DOTALL);

    private final StringBuilder line = new StringBuilder();
    private boolean passing;

    /// What of the text so far is to be shown now.
    String others(String piece) {
        StringBuilder shown = new StringBuilder();
        int at = 0;
        while (at < piece.length()) {
            int end = piece.indexOf('\n', at);
            boolean whole = end >= 0;
            line.append(piece, at, whole ? end + 1 : piece.length());
            at = whole ? end + 1 : piece.length();
            if (passing || !mayBeKubectls(whole)) {
                shown.append(line);
                line.setLength(0);
                passing = !whole;
            } else if (whole) {
                line.setLength(0);
            }
        }
        return shown.toString();
    }

    private boolean mayBeKubectls(boolean whole) {
        String text = line.toString();
        if (text.isBlank() || LOG.matcher(text).matches() || STARTS.stream().anyMatch(text::startsWith)) {
            return true;
        }
        return whole
                ? INVALID.matcher(text.strip()).matches()
                : STARTS.stream().anyMatch(start -> start.startsWith(text))
                        || LOG_BEGUN.matcher(text).matches()
                        || text.startsWith("The ")
                        || "The ".startsWith(text);
    }
}
