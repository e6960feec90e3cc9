// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// One test of a request header, to be added to a match of a route.
///
/// @param regex whether `value` is an expression on the whole header (RE2), else it is compared exactly
record HeaderTest(String name, String value, boolean regex) {
    /// What becomes of a match that must also pass a test.
    sealed interface Both {}

    /// The match with the test. It is the match itself where that implies the test.
    record Match(Map<String, Object> json) implements Both {}

    /// No request passes both.
    record Never() implements Both {}

    /// A match holds one test by header name (Gateway API), and this one holds an expression on that header already:
    /// both together cannot be written, and whether one implies the other is not guessed.
    record Unwritable(String header) implements Both {}

    /// `match` and this test.
    Both and(JsonObject match) {
        List<JsonObject> headers = match.objects("headers");
        for (JsonObject header : headers) {
            if (header.text("name").toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                return onTop(match, header);
            }
        }
        List<Object> all =
                new ArrayList<>(headers.stream().map(JsonObject::fields).toList());
        all.add(json());
        Map<String, Object> json = Trees.copy(match.fields());
        json.put("headers", all);
        return new Match(json);
    }

    private Both onTop(JsonObject match, JsonObject header) {
        boolean exact = !header.text("type").equals("RegularExpression");
        String tested = header.text("value");
        if (exact) {
            boolean passes = regex ? Pattern.matches(value, tested) : tested.equals(value);
            return passes ? new Match(Trees.copy(match.fields())) : new Never();
        }
        return regex && tested.equals(value) ? new Match(Trees.copy(match.fields())) : new Unwritable(name);
    }

    /// As a route carries it, with what the API would default.
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", regex ? "RegularExpression" : "Exact");
        json.put("name", name);
        json.put("value", value);
        return json;
    }
}
