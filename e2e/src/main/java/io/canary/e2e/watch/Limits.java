// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Duration;

/// The times by which the invariants judge, and who "we" are.
///
/// @param manager the product's field manager
/// @param grace how far apart the views of the product and of the recorder may be
/// @param withdrawal how long a version without ready endpoints may keep weight (design: 250 ms; at the latest 5 s)
/// @param hold how long a withdrawn version is ready before its weight returns
/// @param flapWindow two withdrawals within it: the weight stays 0 until an edit
/// @param firstWeight how long a version Service has a ready endpoint before its first weight
/// @param fight how close together alternating writes are
/// @param scaleDownDelay the default of `canary.io/scale-down-delay`
public record Limits(
        String manager,
        Duration grace,
        Duration withdrawal,
        Duration hold,
        Duration flapWindow,
        Duration firstWeight,
        Duration fight,
        Duration scaleDownDelay) {
    /// What `design.md` sections 2 and 5 say.
    public static final Limits DESIGN = new Limits(
            "canary",
            Duration.ofMillis(250),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(10),
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30));

    public Limits withManager(String v) {
        return new Limits(v, grace, withdrawal, hold, flapWindow, firstWeight, fight, scaleDownDelay);
    }

    public Limits withGrace(Duration v) {
        return new Limits(manager, v, withdrawal, hold, flapWindow, firstWeight, fight, scaleDownDelay);
    }

    public Limits withWithdrawal(Duration v) {
        return new Limits(manager, grace, v, hold, flapWindow, firstWeight, fight, scaleDownDelay);
    }

    public Limits withHold(Duration v) {
        return new Limits(manager, grace, withdrawal, v, flapWindow, firstWeight, fight, scaleDownDelay);
    }

    public Limits withFirstWeight(Duration v) {
        return new Limits(manager, grace, withdrawal, hold, flapWindow, v, fight, scaleDownDelay);
    }

    public Limits withScaleDownDelay(Duration v) {
        return new Limits(manager, grace, withdrawal, hold, flapWindow, firstWeight, fight, v);
    }
}
