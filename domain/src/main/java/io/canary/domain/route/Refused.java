// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.RouteKind;
/// A route that cannot carry what is wished: one of the API's limits would be broken.
///
/// @param limit what there would be too much of, as `matches in a rule`
/// @param would how much there would be
/// @param most how much there may be
/// @param fits how many of the terms of `canary.io/users` fit, over all versions; -1 where fewer would not help
/// @param message a sentence with these numbers

public record Refused(String limit, long would, long most, int fits, String message)
        implements ManagedRoute.Outcome, OwnRoute.Outcome {
    static Refused of(RouteKind kind, RouteLimits.Excess excess, int users, int fits) {
        String message = kind.text() + " would have " + excess.would() + " " + excess.limit() + ", and " + excess.most()
                + " are possible";
        return new Refused(
                excess.limit(),
                excess.would(),
                excess.most(),
                fits,
                fits < 0 ? message : message + ": " + fits + " of " + users + " terms of canary.io/users fit");
    }
}
