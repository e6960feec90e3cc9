// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import io.canary.domain.admission.Grammar;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Weight;
import java.math.BigDecimal;
import java.util.Optional;

/// `canary.io/weight`: what is read is what a careful person would read, and nothing else is taken.
public final class WeightFuzz {
    private WeightFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new Choices(input).rest();
        Optional<Integer> expected = reference(text);
        Optional<Integer> read = Weight.parse(text).map(Weight::basisPoints);
        Promise.kept(read.equals(expected), () -> "\"" + text + "\" is " + expected + ", read was " + read);
        Promise.kept(
                Grammar.check(CanaryKey.WEIGHT, text).isEmpty() == expected.isPresent(),
                () -> "admission judges \"" + text + "\" otherwise");
        Grammar.check(CanaryKey.WEIGHT, text).ifPresent(problem -> Promise.readable(problem.message()));
        read.ifPresent(points -> Promise.kept(
                Weight.parse(Weight.percent(points)).map(Weight::basisPoints).equals(read),
                () -> points + " is not read as it is written"));
    }

    /// Digit by digit, by no expression.
    private static Optional<Integer> reference(String text) {
        int dot = text.indexOf('.');
        String whole = dot < 0 ? text : text.substring(0, dot);
        String decimals = dot < 0 ? "0" : text.substring(dot + 1);
        if (!digits(whole) || !digits(decimals) || whole.length() > 3 || decimals.length() > 2) {
            return Optional.empty();
        }
        if (whole.length() > 1 && whole.charAt(0) == '0') {
            return Optional.empty();
        }
        BigDecimal percent = new BigDecimal(whole + "." + decimals);
        return percent.compareTo(new BigDecimal(100)) > 0
                ? Optional.empty()
                : Optional.of(percent.movePointRight(2).intValueExact());
    }

    private static boolean digits(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= 0x30 && c <= 0x39);
    }
}
