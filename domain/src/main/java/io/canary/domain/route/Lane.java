// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Names;
import java.util.List;

/// Versions of several apps that belong together (design section 8): the name that a request carries to reach them.
///
/// @param name a DNS-1123 label, so it needs no quoting anywhere
public record Lane(String name) {
    /// The header that carries it; a test for it is exact.
    public static final String HEADER = "x-canary-lane";

    /// The member of the W3C `baggage` header that carries it too.
    public static final String MEMBER = "canary-lane";

    public Lane {
        if (!Names.isDns1123(name)) {
            throw new IllegalArgumentException("lane " + Names.quoted(name));
        }
    }

    /// Reads `blue`.
    public static Reading<Lane> read(String text) {
        if (Names.isDns1123(text)) {
            return new Reading.Value<>(new Lane(text));
        }
        String why = text.isEmpty()
                ? "it is empty"
                : text.length() > Names.LONGEST
                        ? "it has " + text.length() + " characters"
                        : "it has other characters, or a \"-\" at an end";
        return new Reading.Wrong<>(why, "write e.g. \"blue\"");
    }

    /// What a request in this lane carries: one of these.
    List<HeaderTest> tests() {
        return List.of(
                new HeaderTest(HEADER, name, false),
                new HeaderTest(
                        "baggage", "^(.*, *)?" + Re2.quote(MEMBER) + "=" + Re2.quote(name) + "( *[;,].*)?$", true));
    }
}
