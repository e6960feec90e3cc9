// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What we added to the filters of a user's rule, so that just this can be taken away again.
///
/// @param strip how deep the removal of the lane header made something new
/// @param mirror the Service of the mirror we added, or null
/// @param filters whether the rule had no list of filters before
record Added(Strip strip, @Nullable String mirror, boolean filters) {
    static final Added NOTHING = new Added(Strip.NONE, null, false);

    private static final String MODIFIER = "RequestHeaderModifier";
    private static final String MODIFIER_FIELD = "requestHeaderModifier";

    /// What of `filters[].requestHeaderModifier.remove[]` was not there before.
    enum Strip {
        NONE,
        /// Only the entry: the list had others.
        ENTRY,
        /// The list `remove` in a filter that sets or adds headers.
        LIST,
        /// The filter.
        FILTER
    }

    /// A rule and what was added to it.
    record Rule(Map<String, Object> json, Added added) {}

    /// `rule` with the lane header taken from requests: a client may not choose a lane at the edge (design section 8).
    /// A rule whose own filters speak of that header is left as it is.
    static Rule strip(Rule rule) {
        List<Object> filters = Trees.list(rule.json(), "filters");
        if (HeaderFilters.speakOfLane(filters)) {
            return rule;
        }
        int at = HeaderFilters.index(filters, MODIFIER);
        Map<String, Object> modifier = HeaderFilters.modifier(filters, MODIFIER);
        Strip strip = at < 0 ? Strip.FILTER : modifier.containsKey("remove") ? Strip.ENTRY : Strip.LIST;
        Map<String, Object> json = Trees.copy(rule.json());
        json.put("filters", HeaderFilters.remove(filters, Lane.HEADER));
        Added before = rule.added();
        return new Rule(
                json,
                new Added(
                        strip, before.mirror(), before.filters() || !rule.json().containsKey("filters")));
    }

    /// `rule` with a copy of each request sent to `mirror`, unless it sends one there already.
    static Rule mirror(Rule rule, Split.Mirror mirror, JsonObject like) {
        List<Object> filters = Trees.list(rule.json(), "filters");
        if (mirrored(filters, mirror.service()) >= 0) {
            return rule;
        }
        Map<String, Object> ref = new LinkedHashMap<>();
        ref.put("group", "");
        ref.put("kind", "Service");
        ref.put("name", mirror.service());
        for (String field : List.of("namespace", "port")) {
            if (like.has(field)) {
                ref.put(field, like.fields().get(field));
            }
        }
        Map<String, Object> requestMirror = new LinkedHashMap<>();
        requestMirror.put("backendRef", ref);
        if (mirror.percent() < 100) {
            requestMirror.put("percent", mirror.percent());
        }
        Map<String, Object> filter = new LinkedHashMap<>();
        filter.put("type", "RequestMirror");
        filter.put("requestMirror", requestMirror);
        Map<String, Object> json = Trees.copy(rule.json());
        filters.add(filter);
        json.put("filters", filters);
        Added before = rule.added();
        return new Rule(
                json,
                new Added(
                        before.strip(),
                        mirror.service(),
                        before.filters() || !rule.json().containsKey("filters")));
    }

    boolean isNothing() {
        return equals(NOTHING);
    }

    /// `rule` without what was added, as far as it still stands.
    Map<String, Object> takenFrom(Map<?, ?> rule) {
        Map<String, Object> json = Trees.copy(rule);
        if (isNothing() || !json.containsKey("filters")) {
            return json;
        }
        List<Object> list = withoutMirror(withoutStrip(Trees.list(json, "filters")));
        json.put("filters", list);
        if (list.isEmpty() && filters) {
            json.remove("filters");
        }
        return json;
    }

    private List<Object> withoutStrip(List<Object> list) {
        int at = HeaderFilters.index(list, MODIFIER);
        if (strip == Strip.NONE || at < 0) {
            return list;
        }
        Map<String, Object> modifier = HeaderFilters.modifier(list, MODIFIER);
        List<Object> remove = Trees.list(modifier, "remove");
        if (!remove.remove(Lane.HEADER)) {
            return list;
        }
        modifier.put("remove", remove);
        if (remove.isEmpty() && strip != Strip.ENTRY) {
            modifier.remove("remove");
        }
        if (modifier.isEmpty() && strip == Strip.FILTER) {
            list.remove(at);
            return list;
        }
        Map<String, Object> filter = Trees.copy(JsonObject.of(list.get(at)).fields());
        filter.put(MODIFIER_FIELD, modifier);
        list.set(at, filter);
        return list;
    }

    private List<Object> withoutMirror(List<Object> list) {
        if (mirror == null) {
            return list;
        }
        int at = mirrored(list, mirror);
        if (at >= 0) {
            list.remove(at);
        }
        return list;
    }

    /// Where in `filters` the mirror to `service` stands, or -1.
    private static int mirrored(List<Object> filters, String service) {
        for (int i = filters.size() - 1; i >= 0; i--) {
            JsonObject filter = JsonObject.of(filters.get(i));
            if (filter.text("type").equals("RequestMirror")
                    && filter.object("requestMirror")
                            .object("backendRef")
                            .text("name")
                            .equals(service)) {
                return i;
            }
        }
        return -1;
    }

    static Added of(JsonObject json) {
        Strip strip = Strip.NONE;
        for (Strip known : Strip.values()) {
            strip = known.name().equals(json.text("strip")) ? known : strip;
        }
        return new Added(strip, json.textOrNull("mirror"), json.flag("filters"));
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        if (strip != Strip.NONE) {
            json.put("strip", strip.name());
        }
        if (mirror != null) {
            json.put("mirror", mirror);
        }
        if (filters) {
            json.put("filters", true);
        }
        return json;
    }
}
