// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.json;

import io.canary.domain.json.JsonObject;
import io.canary.domain.route.Original;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The text of `canary.io/original`.
public final class OriginalText {
    private static final JsonMapper JSON = JsonMapper.shared();

    private OriginalText() {}

    /// What it holds; empty where it is absent or none of ours.
    public static JsonObject read(@Nullable String text) {
        if (text == null || text.length() > Original.LARGEST) { // longer than what we write
            return JsonObject.EMPTY;
        }
        try {
            return JsonObject.of(JSON.readValue(text, Map.class));
        } catch (JacksonException e) {
            return JsonObject.EMPTY;
        }
    }

    public static String of(Map<String, Object> original) {
        return JSON.writeValueAsString(original);
    }
}
