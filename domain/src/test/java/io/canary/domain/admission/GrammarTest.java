// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Problem;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {
    @ParameterizedTest(name = "weight {0}: {1}")
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "ten,''",
                "true,''",
                "0x0A,''",
                "101,it is above 100",
                "100.5,it is above 100",
                "10.555,it has more than two decimals",
                " 10 ,it has spaces",
                "１０,it has digits that are not ASCII",
                "+10,it has a sign",
                "-1,it has a sign",
                "010,it has a leading zero",
                "10%,leave out the percent sign",
                "10\u200b,it has characters that are not ASCII",
                "'10,20',it has a comma; decimals follow a point",
                "'',it is empty",
            })
    void saysWhatIsWrongWithAWeight(String value, String why) {
        String message =
                Grammar.check(CanaryKey.WEIGHT, value).map(Problem::message).orElse("nothing");
        assertThat(message)
                .startsWith("metadata.annotations[canary.io/weight]: \"")
                .contains("\" is not a percentage 0–100 with at most two decimals")
                .contains(why)
                .endsWith("(write e.g. \"10\")");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0.5", "10.5", "12.25", "99.99", "100", "100.0"})
    void takesWeightsWithAtMostTwoDecimals(String value) {
        assertThat(Grammar.check(CanaryKey.WEIGHT, value)).isEmpty();
    }

    @ParameterizedTest(name = "{0}={1}: {2}")
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "SERVICE,other/order,it may name no other namespace and no path",
                "SERVICE,../x,it may name no other namespace and no path",
                "SERVICE,order.other,it may name no other namespace and no path",
                "SERVICE,Order,the name of a Service in the same namespace",
                "VERSION,v1/β,it has characters that are not ASCII",
                "VERSION,1.0,a letter first",
                "STABLE,v1/x,a letter first",
                "STABLE,'',it is empty",
                "REPLICAS,ten,a whole number 0–2147483647",
                "REPLICAS,-5,it has a sign",
                "REPLICAS,10 ,it has spaces",
                "REPLICAS,2147483648,it is too large",
                "REPLICAS,007,it has a leading zero",
                "SCALE_DOWN_DELAY,30,it has no unit",
                "SCALE_DOWN_DELAY,30 s,it has spaces",
                "SCALE_DOWN_DELAY,soon,'write e.g. \"30s\"'",
                "HOSTS,*.example.com,has a wildcard",
                "USERS,alice,does not say of which kind it is",
                "USERS,cookie:canary=.*,values are compared exactly",
                "LANE,Blue Lane,is not a name of lower case letters",
                "MANAGED,yes,is not \"true\" or \"false\"",
                "MANAGED,'',it is empty",
            })
    void saysWhatIsWrongWithOtherValues(CanaryKey key, String value, String why) {
        assertThat(Grammar.check(key, value))
                .map(Problem::message)
                .get()
                .asString()
                .contains(why);
    }

    @ParameterizedTest
    @CsvSource({
        "SERVICE,order",
        "VERSION,v2",
        "STABLE,v1",
        "REPLICAS,0",
        "REPLICAS,2147483647",
        "SCALE_DOWN_DELAY,30s",
        "SCALE_DOWN_DELAY,1h30m",
        "HOSTS,'canary.shop.example, beta.shop.example'",
        "USERS,'header:x-user-id=alice, cookie:canary=always'",
        "LANE,blue",
        "MANAGED,true",
        "MANAGED,false"
    })
    void takesOtherValues(CanaryKey key, String value) {
        assertThat(Grammar.check(key, value)).isEmpty();
    }

    @Test
    void aVersionOf64CharactersIsTooLong() {
        assertThat(Grammar.check(CanaryKey.VERSION, "v".repeat(64)))
                .map(Problem::text)
                .get()
                .asString()
                .contains("it has 64 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "why not", "\u001b[31mred\u001b[0m\r\n", "ends β"})
    void anyTextIsAReasonToAbortOrPause(String value) {
        assertThat(Grammar.check(CanaryKey.ABORT, value)).isEmpty();
        assertThat(Grammar.check(CanaryKey.PAUSED, value.repeat(1_000))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "\ud800", "a\udc00", "\ud800\ud800"})
    void noValueHoldsANulOrHalfACharacter(String value) {
        Optional<Problem> problem = Grammar.check(CanaryKey.ABORT, value);
        assertThat(problem).isPresent();
    }

    @Test
    void valuesAreShownEscapedAndCut() {
        String message = Grammar.check(CanaryKey.WEIGHT, "\u001b[31m" + "9".repeat(10_000))
                .orElseThrow()
                .message();
        assertThat(message).hasSizeLessThan(300).doesNotContain("\u001b");
    }
}
