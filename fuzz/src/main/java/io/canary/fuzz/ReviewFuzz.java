// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

/// A whole request body, as a stranger may post it: answered by status 400 or by a review with its uid.
public final class ReviewFuzz {
    private ReviewFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Answers.check(input);
    }
}
