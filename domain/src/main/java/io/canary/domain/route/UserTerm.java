// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

/// Whom `canary.io/users` means: a request with this header, or with this cookie. Values are compared exactly
/// (design section 2). No header is an authentication: whoever can send it gets the version.
public sealed interface UserTerm {
    String name();

    String value();

    /// A request whose header `name` is `value`.
    record Header(String name, String value) implements UserTerm {}

    /// A request with a cookie `name` that is `value`, wherever in its `Cookie` header.
    record Cookie(String name, String value) implements UserTerm {}

    /// The test that a match of a route takes. For a cookie there is none but an expression on the `Cookie` header
    /// (routing.md section 4).
    default HeaderTest test() {
        return switch (this) {
            case Header(String name, String value) -> new HeaderTest(name, value, false);
            case Cookie(String name, String value) ->
                new HeaderTest("cookie", "^(.*; *)?" + Re2.quote(name) + "=" + Re2.quote(value) + "(;.*)?$", true);
        };
    }

    /// As it is written: `header:x-user-id=alice`.
    default String text() {
        return switch (this) {
            case Header(String name, String value) -> "header:" + name + "=" + value;
            case Cookie(String name, String value) -> "cookie:" + name + "=" + value;
        };
    }
}
