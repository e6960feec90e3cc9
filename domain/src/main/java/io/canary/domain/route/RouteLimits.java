// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.App;
import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How large a route may be, by the installed bundle of the Gateway API (routing.md sections 4 and 11). Older bundles
/// also prune fields they do not know, silently.
///
/// @param matchesOfRule the most matches of one rule
/// @param matches the most matches of a route
/// @param mirrorPercent whether a mirror may take a part of the requests
public record RouteLimits(int matchesOfRule, int matches, boolean mirrorPercent) {
    /// The annotation of the CRDs that tells their bundle.
    public static final String BUNDLE_VERSION = "gateway.networking.k8s.io/bundle-version";

    public static final int RULES = 16;
    public static final int REFS = 16;
    public static final int FILTERS = 16;
    public static final int HEADERS = 16;

    /// Of bundles from 1.3 on.
    public static final RouteLimits CURRENT = new RouteLimits(64, 128, true);

    /// Of bundles up to 1.1.
    public static final RouteLimits OLDEST = new RouteLimits(8, RULES * 8, false);

    private static final Pattern VERSION = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4})(\\..*)?");

    /// What is too large.
    ///
    /// @param limit as `matches in a rule`
    record Excess(String limit, int would, int most) {}

    /// The limits of the bundle `version` (`v1.2.0`); those of the newest where it is unknown.
    public static RouteLimits of(@Nullable String version) {
        Matcher m = VERSION.matcher(version == null ? "" : version);
        if (!m.matches()) {
            return CURRENT;
        }
        int minor = Integer.parseInt(m.group(1)) > 1 ? Integer.MAX_VALUE : Integer.parseInt(m.group(2));
        if (m.group(1).equals("0") || minor <= 1) {
            return OLDEST;
        }
        return new RouteLimits(64, 128, minor >= 3);
    }

    /// The limits of what `app`'s cluster serves of `kind`.
    public static RouteLimits of(App app, RouteKind kind) {
        return of(app.gatewayApi().get(kind));
    }

    /// The first limit that `rules` break, if any.
    Optional<Excess> check(List<?> rules) {
        List<Excess> counts = new ArrayList<>();
        counts.add(new Excess("rules", rules.size(), RULES));
        int all = 0;
        for (Object each : rules) {
            JsonObject rule = JsonObject.of(each);
            List<JsonObject> matches = rule.objects("matches");
            all += Math.max(1, matches.size());
            counts.add(new Excess("matches in a rule", matches.size(), matchesOfRule));
            counts.add(new Excess(
                    "backendRefs in a rule", rule.objects("backendRefs").size(), REFS));
            matches.forEach(match -> counts.add(
                    new Excess("headers in a match", match.objects("headers").size(), HEADERS)));
            Stream.concat(Stream.of(rule), rule.objects("backendRefs").stream())
                    .forEach(owner -> filters(owner, counts));
        }
        counts.add(new Excess("matches", all, matches));
        return counts.stream().filter(count -> count.would() > count.most()).findFirst();
    }

    private static void filters(JsonObject owner, List<Excess> counts) {
        List<JsonObject> filters = owner.objects("filters");
        counts.add(new Excess("filters", filters.size(), FILTERS));
        for (JsonObject filter : filters) {
            for (String type : List.of("requestHeaderModifier", "responseHeaderModifier")) {
                for (String list : List.of("set", "add", "remove")) {
                    int size = Trees.list(filter.object(type).fields(), list).size();
                    counts.add(new Excess("headers that one filter changes", size, HEADERS));
                }
            }
        }
    }
}
