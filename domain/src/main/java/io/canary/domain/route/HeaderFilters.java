// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Lists of filters with a header set or removed. A list holds one modifier of requests and one of responses at most
/// (Gateway API), so ours is merged into what is there.
final class HeaderFilters {
    private static final String REQUEST = "RequestHeaderModifier";
    private static final String RESPONSE = "ResponseHeaderModifier";

    private HeaderFilters() {}

    /// `filters` with the request's lane header set: the request enters this lane.
    static List<Object> enter(List<Object> filters, Lane lane) {
        return speakOfLane(filters) ? filters : entry(filters, REQUEST, "set", Lane.HEADER, lane.name());
    }

    /// `filters` without the request's lane header.
    static List<Object> leave(List<Object> filters) {
        return speakOfLane(filters) ? filters : remove(filters, Lane.HEADER);
    }

    /// `filters` with the response's cookie `name`; one that is added already stays, a response holds many.
    static List<Object> keep(List<Object> filters, String name, String value) {
        return entry(filters, RESPONSE, "add", "Set-Cookie", name + "=" + value + "; Path=/");
    }

    /// Whether a filter sets, adds or removes the request's lane header: then its owner decides about it.
    static boolean speakOfLane(List<Object> filters) {
        JsonObject modifier = JsonObject.of(modifier(filters, REQUEST));
        return List.of("set", "add").stream()
                        .flatMap(field -> modifier.objects(field).stream())
                        .anyMatch(header -> isLane(header.text("name")))
                || modifier.texts("remove").stream().anyMatch(HeaderFilters::isLane);
    }

    private static boolean isLane(String header) {
        return header.toLowerCase(Locale.ROOT).equals(Lane.HEADER);
    }

    private static List<Object> entry(List<Object> filters, String type, String list, String name, String value) {
        Map<String, Object> modifier = modifier(filters, type);
        List<Object> entries = Trees.list(modifier, list);
        if (entries.stream()
                .anyMatch(e ->
                        JsonObject.of(e).text("name").toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))) {
            return filters;
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", name);
        entry.put("value", value);
        entries.add(entry);
        modifier.put(list, entries);
        return replaced(filters, type, modifier);
    }

    static List<Object> remove(List<Object> filters, String header) {
        Map<String, Object> modifier = modifier(filters, REQUEST);
        List<Object> remove = Trees.list(modifier, "remove");
        remove.add(header);
        modifier.put("remove", remove);
        return replaced(filters, REQUEST, modifier);
    }

    private static List<Object> replaced(List<Object> filters, String type, Map<String, Object> modifier) {
        List<Object> changed = new ArrayList<>(filters);
        int at = index(filters, type);
        Map<String, Object> filter = new LinkedHashMap<>();
        if (at >= 0) {
            filter.putAll(Trees.copy(JsonObject.of(filters.get(at)).fields()));
        } else {
            filter.put("type", type);
        }
        filter.put(field(type), modifier);
        if (at >= 0) {
            changed.set(at, filter);
        } else {
            changed.add(filter);
        }
        return changed;
    }

    /// Where in `filters` the filter of `type` stands, or -1.
    static int index(List<Object> filters, String type) {
        for (int i = 0; i < filters.size(); i++) {
            if (JsonObject.of(filters.get(i)).text("type").equals(type)) {
                return i;
            }
        }
        return -1;
    }

    /// What the filter of `type` does, to be changed; empty where there is none.
    static Map<String, Object> modifier(List<Object> filters, String type) {
        int at = index(filters, type);
        return at < 0
                ? new LinkedHashMap<>()
                : Trees.copy(JsonObject.of(filters.get(at)).object(field(type)).fields());
    }

    private static String field(String type) {
        return Character.toLowerCase(type.charAt(0)) + type.substring(1);
    }
}
