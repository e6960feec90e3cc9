// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the annotations for users, hosts and lanes hold, and the tests made of them.
class EntriesOfVersionsTest {
    @Test
    void readsUsers() {
        assertThat(Users.read(" header:X-User-Id=al ice=1,cookie:canary=always ")
                        .read()
                        .orElseThrow()
                        .terms())
                .containsExactly(new UserTerm.Header("X-User-Id", "al ice=1"), new UserTerm.Cookie("canary", "always"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'';it is empty",
                "'  ';it is empty",
                "alice;does not say of which kind it is",
                "user:x=alice;does not say of which kind it is",
                "Header:x=alice;does not say of which kind it is",
                "x=header:alice;does not say of which kind it is",
                "header:x-user-id;has no value",
                "header:=alice;has no name",
                "header:x=;has no value",
                "header:x user=alice;\"x user\" has spaces",
                "header:x@user=alice;has characters that no header name has",
                "header:cookie=a;a cookie is written cookie:NAME=VALUE",
                "header:Host=a;hosts are given by canary.io/hosts",
                "header:x-canary-lane=blue;lanes are given by canary.io/lane",
                "cookie:canary=a b;has spaces, quotes",
                "cookie:canary=.*;\".*\" looks like a pattern, and values are compared exactly",
                "header:x=^a$;looks like a pattern",
                "header:x=a,;a comma with nothing beside it",
                "header:x=ä;not printable ASCII",
                "header:x=a, header:X=a;stands there twice",
                "cookie:x=a, cookie:x=a;stands there twice",
            })
    void saysWhatIsWrongWithUsers(String text, String why) {
        assertThat(Users.read(text).problem().orElseThrow().why()).contains(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"header:x=a\r\nb", "header:x=a\u0000b", "header:x\n=a"})
    void usersHaveNoLineEnds(String text) {
        String why = Users.read(text).problem().orElseThrow().why();
        assertThat(why).doesNotContain("\n", "\r", "\u0000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "header:x=a, header:x=b",
                "cookie:x=a, cookie:X=a",
                "header:x=a.b+c/d==",
                "header:x=(a|b)",
                "cookie:canary=a+b[c]$1(x)|{2}",
                "header:a-b=c:d",
            })
    void takesUsers(String text) {
        assertThat(Users.read(text).read()).isPresent();
    }

    @Test
    void thereIsALimitToUsers() {
        String user = "header:x=a";
        StringBuilder many = new StringBuilder(user);
        for (int i = 1; i < 200; i++) {
            many.append(",header:x=a").append(i);
        }
        assertThat(Users.read(many.toString()).problem().orElseThrow().why())
                .isEqualTo("it has 200 terms, and a rule of a route takes 64");
        assertThat(Users.read("header:x=" + "a".repeat(4096)).read()).isPresent();
        assertThat(Users.read("header:x=" + "a".repeat(4097)).read()).isEmpty();
        assertThat(Users.read("cookie:x=" + ".".repeat(2100))
                        .problem()
                        .orElseThrow()
                        .why())
                .contains("as a test it has 42");
        assertThat(Users.read("header:" + "x".repeat(257) + "=a").read()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "canary=always#true",
                "a=b; canary=always#true",
                "a=b;canary=always;c=d#true",
                "canary=always2#false",
                "xcanary=always#false",
                "canary=Always#false",
                "a=canary=always#false",
            })
    void aCookieIsFoundWhereverItStands(String header, boolean found) {
        HeaderTest test = new UserTerm.Cookie("canary", "always").test();
        assertThat(Pattern.matches(test.value(), header)).isEqualTo(found);
    }

    @Test
    void aQuotedValueMatchesItselfAndNothingElse() {
        String odd = "a.b*c+d?e(f)|[g]{h}^$";
        assertThat(Pattern.matches(Re2.quote(odd), odd)).isTrue();
        assertThat(Pattern.matches(Re2.quote("a.b"), "axb")).isFalse();
        assertThat(Re2.programSize(
                        new UserTerm.Cookie("canary", "always").test().value()))
                .isLessThan(Re2.PLAIN_ENVOY);
        assertThat(Re2.programSize(
                        new UserTerm.Cookie("c", "a".repeat(100)).test().value()))
                .isGreaterThan(Re2.PLAIN_ENVOY);
    }

    @Test
    void longExpressionsAreWarnedOf() {
        String text = "header:x=" + "a".repeat(200) + ", cookie:canary=always, cookie:c=" + "a".repeat(100);
        assertThat(Users.read(text).read().orElseThrow().cautions())
                .singleElement()
                .asString()
                .contains("\"cookie:c=aaa", "is a long expression");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "canary-lane=blue#true",
                "a=b, canary-lane=blue#true",
                "a=b,canary-lane=blue;p=1,c=d#true",
                "canary-lane=blue ,c=d#true",
                "canary-lane=blue2#false",
                "xcanary-lane=blue#false",
            })
    void aLaneIsFoundInBaggage(String header, boolean found) {
        HeaderTest baggage = new Lane("blue").tests().getLast();
        assertThat(Pattern.matches(baggage.value(), header)).isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Blue Lane", "blue;x", "", "-blue", "blau\u00e9"})
    void lanesAreLabels(String text) {
        assertThat(Lane.read(text).problem()).isPresent();
        assertThat(Lane.read("b".repeat(64)).problem().orElseThrow().why()).isEqualTo("it has 64 characters");
        assertThat(Lane.read("b".repeat(63)).read()).isPresent();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "'';it is empty",
                "ca nary.example.com;has spaces",
                "*.example.com;has a wildcard",
                "EXAMPLE.com;has capitals",
                "x.com:443;has a port",
                "10.0.0.1;is an address",
                "::1;is an address",
                "https://x.com;has a path or a scheme",
                "x..com;is no name of a host",
                "x.com.;is no name of a host",
                "bücher.example;not ASCII",
                "a.example, a.example;stands there twice",
                "a.example,,b.example;a comma with nothing beside it",
            })
    void saysWhatIsWrongWithHosts(String text, String why) {
        assertThat(Hosts.read(text).problem().orElseThrow().why()).contains(why);
    }

    @Test
    void takesUpTo16Hosts() {
        String text = String.join(
                ",",
                java.util.stream.IntStream.range(0, 16)
                        .mapToObj(i -> "h" + i + ".example")
                        .toList());
        assertThat(Hosts.read(text).read().orElseThrow().names()).hasSize(16);
        assertThat(Hosts.read(text + ",x.example").problem().orElseThrow().why())
                .isEqualTo("it has 17 hosts, and a route takes 16");
    }

    @Test
    void limitsFollowTheBundle() {
        assertThat(RouteLimits.of("v1.1.0")).isEqualTo(new RouteLimits(8, 128, false));
        assertThat(RouteLimits.of("v1.2.1")).isEqualTo(new RouteLimits(64, 128, false));
        assertThat(RouteLimits.of("v1.6.1")).isEqualTo(RouteLimits.CURRENT);
        assertThat(RouteLimits.of("v2.0.0-rc.1")).isEqualTo(RouteLimits.CURRENT);
        assertThat(RouteLimits.of("main")).isEqualTo(RouteLimits.CURRENT);
        assertThat(RouteLimits.of(null)).isEqualTo(RouteLimits.CURRENT);
    }
}
