// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.vertx.core.MultiMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Headers as tests compare them: names in lower case, several values of one name with a comma between.
final class Headers {
    private Headers() {}

    static Map<String, String> of(MultiMap headers) {
        Map<String, String> all = new LinkedHashMap<>();
        headers.forEach(entry -> all.merge(
                entry.getKey().toLowerCase(Locale.ROOT), entry.getValue(), (one, other) -> one + ", " + other));
        return all;
    }
}
