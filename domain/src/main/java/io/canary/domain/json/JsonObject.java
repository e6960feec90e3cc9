// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An untyped JSON object, read leniently: what is missing, null or of another type counts as absent.
public record JsonObject(Map<?, ?> fields) {
    public static final JsonObject EMPTY = new JsonObject(Map.of());

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    /// `value` if it is an object, else an empty one.
    public static JsonObject of(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? new JsonObject(map) : EMPTY;
    }

    public boolean has(String field) {
        return fields.get(field) != null;
    }

    /// The text at `field`, or an empty one.
    public String text(String field) {
        return fields.get(field) instanceof String text ? text : "";
    }

    public @Nullable String textOrNull(String field) {
        return fields.get(field) instanceof String text ? text : null;
    }

    /// The whole number at `field`, or `absent`.
    public int count(String field, int absent) {
        return fields.get(field) instanceof Number number ? number.intValue() : absent;
    }

    public @Nullable Integer countOrNull(String field) {
        return fields.get(field) instanceof Number number ? (Integer) number.intValue() : null;
    }

    public long number(String field) {
        return fields.get(field) instanceof Number number ? number.longValue() : 0;
    }

    public boolean flag(String field) {
        return Boolean.TRUE.equals(fields.get(field));
    }

    /// The point in time at `field`, or null.
    public @Nullable Instant instant(String field) {
        return instantOf(textOrNull(field));
    }

    /// `text` as RFC 3339, or null. What an offset moves out of its years, 0 to 9999, is the first or the last of
    /// them: it could not be written again.
    public static @Nullable Instant instantOf(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            Instant at = OffsetDateTime.parse(text).toInstant();
            return at.isAfter(LAST) ? LAST : at.isBefore(FIRST) ? FIRST : at;
        } catch (DateTimeException e) {
            return null;
        }
    }

    public JsonObject object(String field) {
        return of(fields.get(field));
    }

    public List<JsonObject> objects(String field) {
        return items(field).filter(Map.class::isInstance).map(JsonObject::of).toList();
    }

    public List<String> texts(String field) {
        return items(field)
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    private Stream<?> items(String field) {
        return fields.get(field) instanceof List<?> list ? list.stream() : Stream.empty();
    }
}
