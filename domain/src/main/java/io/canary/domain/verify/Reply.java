// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// An HTTP response as far as it can tell who sent it.
///
/// @param status 100 to 599
/// @param headers by name in lower case; several of one name are joined by `, `
/// @param body as text, the first mebibyte at most
public record Reply(int status, Map<String, String> headers, String body) {
    public Reply {
        Map<String, String> lower = new TreeMap<>();
        headers.forEach((name, value) -> lower.merge(name.toLowerCase(Locale.ROOT), value, (a, b) -> a + ", " + b));
        headers = Collections.unmodifiableMap(lower);
    }

    /// Whether it is what was asked for: a status of 200 to 299. Redirects are not, and are not followed.
    public boolean succeeded() {
        return status >= 200 && status < 300;
    }
}
