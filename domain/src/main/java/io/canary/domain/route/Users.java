// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// The canary users of one version, from `canary.io/users`: requests that match any term.
public record Users(List<UserTerm> terms) {
    /// The most terms of one version: the matches of one rule (Gateway API).
    public static final int MOST = 64;

    private static final int LONGEST_NAME = 256;

    /// RFC 9110 token, as the Gateway API takes for a header's name.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+\\-.^_`|~]+");

    /// What nobody writes who does not mean a pattern (admission.md section 6: `cookie:canary=.*`).
    private static final Pattern PATTERN = Pattern.compile("\\.[*+]|^\\^.*\\$$|^\\*$");

    public Users {
        terms = List.copyOf(terms);
    }

    /// What proxies may not take, as sentences: expressions that are long for one outside of a mesh.
    public List<String> cautions() {
        return terms.stream()
                .filter(term ->
                        term.test().regex() && Re2.programSize(term.test().value()) > Re2.PLAIN_ENVOY)
                .map(term -> Names.quoted(term.text()) + " is a long expression: an Envoy without a mesh refuses its "
                        + "whole configuration over it; shorter names and values, or a header, are safe")
                .toList();
    }

    /// Reads `header:x-user-id=alice, cookie:canary=always`: terms between commas, blanks around them ignored. So no
    /// value holds a comma, nor begins or ends with a blank.
    public static Reading<Users> read(String text) {
        if (text.isBlank()) {
            return wrong("it is empty");
        }
        String[] parts = text.split(",", -1);
        if (parts.length > MOST) {
            return new Reading.Wrong<>(
                    "it has " + parts.length + " terms, and a rule of a route takes " + MOST,
                    "give these users one header or cookie in common, as header:x-group=beta");
        }
        List<UserTerm> terms = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String part : parts) {
            switch (term(strip(part))) {
                case Reading.Wrong<UserTerm>(String why, String cure) -> {
                    return new Reading.Wrong<>(why, cure);
                }
                case Reading.Value<UserTerm>(UserTerm term) -> {
                    if (!seen.add(key(term))) {
                        return new Reading.Wrong<>(Names.quoted(term.text()) + " stands there twice", "name it once");
                    }
                    terms.add(term);
                }
            }
        }
        return new Reading.Value<>(new Users(terms));
    }

    /// Whether these are the users that `term` means.
    public boolean list(UserTerm term) {
        return terms.stream().anyMatch(each -> key(each).equals(key(term)));
    }

    /// What makes two terms one: names of headers are the same in any case (RFC 9110), those of cookies are not.
    private static String key(UserTerm term) {
        return switch (term) {
            case UserTerm.Header(String name, String value) -> "header:" + name.toLowerCase(Locale.ROOT) + "=" + value;
            case UserTerm.Cookie cookie -> cookie.text();
        };
    }

    private static Reading<UserTerm> term(String text) {
        if (text.isEmpty()) {
            return wrong("it has a comma with nothing beside it");
        }
        int colon = text.indexOf(':');
        int equals = text.indexOf('=');
        String kind = colon < 0 ? "" : text.substring(0, colon);
        if (!kind.equals("header") && !kind.equals("cookie")) {
            return wrong(Names.quoted(text) + " does not say of which kind it is, header: or cookie:");
        }
        if (equals < colon) {
            return wrong(Names.quoted(text) + " has no value: it is " + kind + ":NAME=VALUE");
        }
        String name = text.substring(colon + 1, equals);
        String value = text.substring(equals + 1);
        String why = name.isEmpty() || value.isEmpty()
                ? Names.quoted(text) + " has no " + (name.isEmpty() ? "name" : "value")
                : nameProblem(kind, name);
        why = why.isEmpty() ? valueProblem(kind, value) : why;
        if (!why.isEmpty()) {
            return wrong(why);
        }
        UserTerm term = kind.equals("header") ? new UserTerm.Header(name, value) : new UserTerm.Cookie(name, value);
        int length = term.test().value().length();
        return length > Re2.LONGEST
                ? wrong("the value of " + Names.quoted(name) + " is too long: as a test it has " + length
                        + " characters, and " + Re2.LONGEST + " are possible")
                : new Reading.Value<>(term);
    }

    private static String nameProblem(String kind, String name) {
        if (!TOKEN.matcher(name).matches()) {
            return "the name " + Names.quoted(name)
                    + (name.chars().anyMatch(c -> c <= ' ')
                            ? " has spaces"
                            : " has characters that no " + kind + " name has");
        }
        if (name.length() > LONGEST_NAME) {
            return "the name " + Names.quoted(name) + " has " + name.length() + " characters, and " + LONGEST_NAME
                    + " are possible";
        }
        if (kind.equals("cookie")) {
            return "";
        }
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "cookie" -> "a cookie is written cookie:NAME=VALUE";
            case "host" -> "hosts are given by canary.io/hosts";
            case Lane.HEADER -> "lanes are given by canary.io/lane";
            default -> "";
        };
    }

    private static String valueProblem(String kind, String value) {
        if (value.chars().anyMatch(c -> c < ' ' || c >= 0x7f)) {
            return "the value " + Names.quoted(value) + " has line ends or characters that are not printable ASCII";
        }
        if (kind.equals("cookie") && value.chars().anyMatch(c -> " \";\\".indexOf(c) >= 0)) {
            return "the value " + Names.quoted(value) + " has spaces, quotes, \";\" or \"\\\", which no cookie has";
        }
        return PATTERN.matcher(value).find()
                ? Names.quoted(value) + " looks like a pattern, and values are compared exactly"
                : "";
    }

    private static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && text.charAt(from) == ' ') {
            from++;
        }
        while (to > from && text.charAt(to - 1) == ' ') {
            to--;
        }
        return text.substring(from, to);
    }

    private static <T> Reading<T> wrong(String why) {
        return new Reading.Wrong<>(why, "write e.g. \"header:x-user-id=alice, cookie:canary=always\"");
    }
}
