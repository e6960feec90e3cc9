// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import io.canary.domain.admission.Grammar;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import io.canary.domain.route.ManagedRoute;
import io.canary.domain.route.Original;
import io.canary.domain.route.Re2;
import io.canary.domain.route.Reading;
import io.canary.domain.route.RouteLimits;
import io.canary.domain.route.Split;
import io.canary.domain.route.UserTerm;
import io.canary.domain.route.Users;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// `canary.io/users`: whoever has another header or cookie is never taken for one of them, by Java's
/// expressions nor by RE2's, which proxies use (admission.md T10).
public final class UsersFuzz {
    private static final List<String> BESIDE = List.of("", "a=b", "a=b; c=d", "x", "=", "session=\"q\"");

    private static final JsonObject ROUTE = JsonObject.of(Map.of(
            "parentRefs",
            List.of(Map.of("name", "public")),
            "rules",
            List.of(Map.of("backendRefs", List.of(Map.of("name", "order", "port", 80))))));

    private UsersFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Choices choices = new Choices(input);
        String other = choices.text();
        String before = choices.of(BESIDE);
        String after = choices.of(BESIDE);
        String text = choices.rest();
        Reading<Users> reading = Users.read(text);
        Promise.kept(
                Grammar.check(CanaryKey.USERS, text).isEmpty() == reading instanceof Reading.Value<Users>
                        || text.chars().anyMatch(c -> c == 0 || Character.isSurrogate((char) c)),
                () -> "admission judges \"" + text + "\" otherwise");
        switch (reading) {
            case Reading.Wrong<Users>(String why, String cure) -> {
                Promise.readable(why);
                Promise.readable(cure);
            }
            case Reading.Value<Users>(Users users) -> {
                Promise.kept(!users.terms().isEmpty() && users.terms().size() <= 64, () -> "terms: " + users);
                users.terms().forEach(term -> check(term, other, before, after));
                users.cautions().forEach(Promise::readable);
            }
        }
    }

    private static void check(UserTerm term, String other, String before, String after) {
        Reading<Users> again = Users.read(term.text());
        Promise.kept(
                again instanceof Reading.Value<Users>(Users users)
                        && users.terms().equals(List.of(term)),
                () -> term + " is not read as it is written");
        switch (term) {
            case UserTerm.Header(String name, String value) ->
                Promise.kept(
                        name.chars().noneMatch(c -> c <= ' ' || c >= 0x7f || c == ':')
                                && value.chars().noneMatch(c -> c < ' ' || c >= 0x7f),
                        () -> "no header: " + term);
            case UserTerm.Cookie cookie -> check(cookie, other, before, after);
        }
    }

    private static void check(UserTerm.Cookie cookie, String other, String before, String after) {
        String expression = expression(cookie);
        Promise.kept(expression.length() <= Re2.LONGEST, () -> "an expression of " + expression.length());
        Pattern java = Pattern.compile(expression);
        com.google.re2j.Pattern re2 = com.google.re2j.Pattern.compile(expression);
        String own = cookie.name() + "=" + cookie.value();
        for (String header :
                List.of(own, joined(before, own), joined(own, after), joined(joined(before, own), after))) {
            Promise.kept(
                    java.matcher(header).matches() && re2.matcher(header).matches(),
                    () -> expression + " does not match " + header);
        }
        for (String pair : List.of(
                cookie.name() + "=" + other,
                other + "=" + cookie.value(),
                own + other,
                other + own,
                cookie.name() + "=" + cookie.value().toUpperCase(Locale.ROOT),
                cookie.name() + "=")) {
            String header = joined(joined(before, pair), after);
            boolean has = has(header, own);
            Promise.kept(
                    java.matcher(header).matches() == has || lines(header),
                    () -> expression + (has ? " does not match " : " matches ") + header);
            Promise.kept(
                    re2.matcher(header).matches() == has || lines(header),
                    () -> "RE2: " + expression + (has ? " does not match " : " matches ") + header);
        }
    }

    /// Whether a cookie of `header` is `own`: they stand between `;`, with blanks before all but the first.
    private static boolean has(String header, String own) {
        String[] pairs = header.split(";", -1);
        for (int i = 0; i < pairs.length; i++) {
            String pair = i == 0 ? pairs[i] : pairs[i].replaceAll("^ +", "");
            if (pair.equals(own)) {
                return true;
            }
        }
        return false;
    }

    /// No header has line ends; expressions need not agree on them.
    private static boolean lines(String header) {
        return header.chars().anyMatch(c -> c < ' ' || c == 0x85 || c == 0x2028 || c == 0x2029);
    }

    private static String joined(String one, String other) {
        return one.isEmpty() ? other : other.isEmpty() ? one : one + "; " + other;
    }

    /// The expression that a route gets for it.
    private static String expression(UserTerm.Cookie cookie) {
        if (!(ManagedRoute.split(RouteKind.HTTP, ROUTE, Original.NONE, split(List.of(cookie)), RouteLimits.CURRENT)
                instanceof ManagedRoute.Changed changed)) {
            throw new AssertionError(cookie + " makes no rule");
        }
        return changed.rules().stream()
                .flatMap(rule -> JsonObject.of(rule).objects("matches").stream())
                .flatMap(match -> match.objects("headers").stream())
                .filter(header -> header.text("type").equals("RegularExpression"))
                .map(header -> header.text("value"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no expression in " + changed.rules()));
    }

    private static Split split(List<UserTerm> users) {
        return new Split(
                "shop",
                "order",
                List.of(
                        Split.Part.of("v1", "order-v1", 10_000),
                        new Split.Part("v2", "order-v2", true, 0, users, null, true, false)),
                null);
    }
}
