// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import io.canary.domain.app.Names;
import io.canary.domain.route.Reading;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Where a response says which version sent it: `--by`. The cluster does not tell, the app must.
public sealed interface By {
    /// The response headers in which apps are known to tell it, the first that names a version.
    record KnownHeaders() implements By {
        public static final List<String> NAMES = List.of("x-canary-version", "x-app-version", "x-version", "version");
    }

    /// One response header.
    ///
    /// @param name in lower case
    record Header(String name) implements By {}

    /// What an expression finds in the body: its first group, or all of it where it has none.
    record Body(Pattern expression) implements By {}

    /// RFC 9110 token.
    Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+\\-.^_`|~]+");

    /// Reads `header:NAME` or `body:REGEX`.
    static Reading<By> read(String text) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? "" : text.substring(0, colon);
        String rest = text.substring(colon + 1);
        return switch (kind) {
            case "header" ->
                TOKEN.matcher(rest).matches()
                        ? new Reading.Value<>(new Header(rest.toLowerCase(Locale.ROOT)))
                        : wrong(Names.quoted(rest) + " is no name of a header");
            case "body" -> body(rest);
            default -> wrong(Names.quoted(text) + " is neither header:NAME nor body:REGEX");
        };
    }

    private static Reading<By> body(String expression) {
        if (expression.isEmpty()) {
            return wrong("body: needs an expression");
        }
        try {
            return new Reading.Value<>(new Body(Pattern.compile(expression)));
        } catch (PatternSyntaxException e) {
            return wrong(Names.quoted(expression) + " is no regular expression: " + e.getDescription());
        }
    }

    private static Reading<By> wrong(String why) {
        return new Reading.Wrong<>(why, "--by=header:x-app-version or --by='body:\"version\":\"([^\"]+)\"'");
    }

    /// The texts in which a version may be named, the likeliest first.
    default List<String> texts(Reply reply) {
        return switch (this) {
            case KnownHeaders() ->
                KnownHeaders.NAMES.stream()
                        .map(reply.headers()::get)
                        .filter(Objects::nonNull)
                        .toList();
            case Header(String name) -> {
                String value = reply.headers().get(name);
                yield value == null ? List.of() : List.of(value);
            }
            case Body(Pattern expression) -> {
                Matcher found = expression.matcher(reply.body());
                String text = found.find() ? found.group(found.groupCount() > 0 ? 1 : 0) : null;
                yield text == null ? List.of() : List.of(text);
            }
        };
    }

    /// As a person says it.
    default String text() {
        return switch (this) {
            case KnownHeaders() -> "header " + String.join(", ", KnownHeaders.NAMES);
            case Header(String name) -> "header " + name;
            case Body(Pattern expression) -> "body " + expression.pattern();
        };
    }
}
