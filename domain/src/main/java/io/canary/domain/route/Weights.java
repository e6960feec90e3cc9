// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Weight;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The weights of one rule: the refs that are split, and the others, which keep their proportion to them exactly
/// (routing.md section 12).
final class Weights {
    /// The highest weight (Gateway API).
    static final int MOST = 1_000_000;

    private Weights() {}

    /// What [#divide] finds.
    sealed interface Division {}

    /// Weights as they are written.
    ///
    /// @param parts for each split ref the weights of its parts
    /// @param others of the other refs
    record Divided(List<List<Integer>> parts, List<Integer> others) implements Division {}

    /// What does not fit.
    ///
    /// @param would the highest weight in the smallest whole numbers there are
    record TooLarge(BigInteger would) implements Division {}

    /// Divides split refs of weights `whole` (each positive) among `shares` (basis points, that sum to 10000).
    ///
    /// A lone ref is written as the shares themselves: percents that sum to 100, or basis points that sum to 10000
    /// where one has decimals. Beside others, all weights of the rule are multiplied by the smallest number that
    /// makes each split ref a multiple of 100 (10000): so other refs do not change while shares move in whole
    /// percents. Only where that is above the API's limit, by the smallest that makes the parts whole.
    static Division divide(List<Integer> whole, List<Integer> others, List<Integer> shares) {
        int unit = shares.stream().allMatch(share -> share % 100 == 0) ? 100 : Weight.ALL;
        boolean alone = whole.size() == 1 && others.stream().allMatch(weight -> weight == 0);
        if (alone) {
            List<Integer> parts =
                    shares.stream().map(share -> share / (Weight.ALL / unit)).toList();
            return new Divided(List.of(parts), others);
        }
        BigInteger even = whole.stream()
                .map(weight -> over(BigInteger.valueOf(unit), BigInteger.valueOf(weight)))
                .reduce(BigInteger.ONE, Weights::lcm);
        BigInteger common = Stream.concat(whole.stream(), others.stream())
                .map(BigInteger::valueOf)
                .reduce(BigInteger.ZERO, BigInteger::gcd);
        List<BigInteger[]> factors = List.of(
                new BigInteger[] {even, BigInteger.ONE},
                new BigInteger[] {smallest(whole, shares, BigInteger.ONE), BigInteger.ONE},
                new BigInteger[] {smallest(whole, shares, common), common});
        BigInteger would = BigInteger.ZERO;
        for (BigInteger[] factor : factors) {
            Optional<Divided> fit = scaled(whole, others, shares, factor[0], factor[1]);
            if (fit.isPresent()) {
                return fit.get();
            }
            would = largest(whole, others, shares, factor[0], factor[1]);
        }
        return new TooLarge(would);
    }

    /// The smallest factor that makes parts of the weights, once divided by what they have in common, whole.
    private static BigInteger smallest(List<Integer> whole, List<Integer> shares, BigInteger common) {
        return whole.stream()
                .flatMap(weight ->
                        shares.stream().map(share -> product(weight, share).divide(common)))
                .map(product -> over(BigInteger.valueOf(Weight.ALL), product))
                .reduce(BigInteger.ONE, Weights::lcm);
    }

    private static Optional<Divided> scaled(
            List<Integer> whole, List<Integer> others, List<Integer> shares, BigInteger by, BigInteger over) {
        BigInteger most = BigInteger.valueOf(MOST);
        if (largest(whole, others, shares, by, over).compareTo(most) > 0) {
            return Optional.empty();
        }
        List<List<Integer>> parts = whole.stream()
                .map(weight -> shares.stream()
                        .map(share -> part(weight, share, by, over).intValueExact())
                        .toList())
                .toList();
        List<Integer> scaled = others.stream()
                .map(weight ->
                        BigInteger.valueOf(weight).multiply(by).divide(over).intValueExact())
                .toList();
        return Optional.of(new Divided(parts, scaled));
    }

    private static BigInteger largest(
            List<Integer> whole, List<Integer> others, List<Integer> shares, BigInteger by, BigInteger over) {
        Stream<BigInteger> parts =
                whole.stream().flatMap(weight -> shares.stream().map(share -> part(weight, share, by, over)));
        Stream<BigInteger> scaled = others.stream()
                .map(weight -> BigInteger.valueOf(weight).multiply(by).divide(over));
        return Stream.concat(parts, scaled).reduce(BigInteger.ZERO, BigInteger::max);
    }

    private static BigInteger part(int weight, int share, BigInteger by, BigInteger over) {
        return product(weight, share)
                .multiply(by)
                .divide(BigInteger.valueOf(Weight.ALL).multiply(over));
    }

    /// Puts together again: split refs of weights `whole`, whose parts sum to `sum` now, beside others of weights
    /// `others` now. The split refs get their old weights where the others come out whole by that, else
    /// the smallest whole numbers of one proportion; where these are above the API's limit, the nearest below.
    static Divided join(List<Integer> whole, long sum, List<Integer> others) {
        BigInteger all =
                BigInteger.valueOf(whole.stream().mapToLong(Integer::longValue).sum());
        BigInteger now = BigInteger.valueOf(sum);
        List<BigInteger> left = whole.stream()
                .map(weight -> BigInteger.valueOf(weight).multiply(now))
                .toList();
        List<BigInteger> right = others.stream()
                .map(weight -> BigInteger.valueOf(weight).multiply(all))
                .toList();
        boolean even = right.stream().allMatch(weight -> weight.mod(now).signum() == 0);
        BigInteger by =
                even ? now : Stream.concat(left.stream(), right.stream()).reduce(BigInteger.ZERO, BigInteger::gcd);
        BigInteger largest = Stream.concat(left.stream(), right.stream())
                .map(weight -> weight.divide(by))
                .reduce(BigInteger.ONE, BigInteger::max);
        BigInteger most = BigInteger.valueOf(MOST);
        List<Integer> joined = new ArrayList<>();
        for (BigInteger weight : Stream.concat(left.stream(), right.stream()).toList()) {
            BigInteger fit = weight.divide(by);
            if (largest.compareTo(most) > 0) {
                fit = fit.multiply(most).divide(largest);
                fit = weight.signum() > 0 ? fit.max(BigInteger.ONE) : fit;
            }
            joined.add(fit.intValueExact());
        }
        return new Divided(List.of(joined.subList(0, whole.size())), joined.subList(whole.size(), joined.size()));
    }

    private static BigInteger product(int a, int b) {
        return BigInteger.valueOf(a).multiply(BigInteger.valueOf(b));
    }

    private static BigInteger over(BigInteger a, BigInteger b) {
        return a.divide(a.gcd(b));
    }

    private static BigInteger lcm(BigInteger a, BigInteger b) {
        return a.divide(a.gcd(b)).multiply(b);
    }
}
