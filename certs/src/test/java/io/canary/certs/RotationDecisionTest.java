// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// When is something due: hours after credentials were issued.
class RotationDecisionTest {
    private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00Z");

    // The leaf lives from -1 h to 30 d = 720 h: two thirds are over 479 h 40 min after it was issued.
    @ParameterizedTest
    @CsvSource({
        "-PT2H,         Keep",
        "PT0S,          Keep",
        "PT479H39M59S,  Keep",
        "PT479H40M,     RenewLeaf",
        "PT720H,        RenewLeaf",
        "P200D,         RenewLeaf",
        "P365D,         AddAuthority",
        "P999D,         AddAuthority",
    })
    void aLeafIsRenewedAtTwoThirdsOfItsLife(Duration after, String expected) {
        Credentials credentials = authority().found(ISSUED);

        RotationDecision decision = RotationDecision.at(ISSUED.plus(after), credentials);

        assertThat(decision.getClass().getSimpleName()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"P274D, Keep", "P275D, AddAuthority", "P280D, AddAuthority"})
    void anAuthorityIsFollowedNinetyDaysBeforeItEnds(Duration after, String expected) {
        Instant now = ISSUED.plus(after);
        Credentials credentials = authority().renewLeaf(authority().found(ISSUED), now);

        RotationDecision decision = RotationDecision.at(now, credentials);

        assertThat(decision.getClass().getSimpleName()).isEqualTo(expected);
    }

    @Test
    void anEndedAuthorityThatNoLongerSignsIsDropped() {
        Credentials old = authority().found(ISSUED);
        Instant now = ISSUED.plus(Duration.ofDays(366));
        Credentials fresh = authority().found(now);
        Credentials both = new Credentials(
                fresh.authorityKey(),
                java.util.List.of(fresh.authority(), old.authority()),
                fresh.leafKey(),
                fresh.leaf());

        RotationDecision decision = RotationDecision.at(now, both);

        assertThat(decision).isEqualTo(new RotationDecision.DropAuthority(old.authority()));
    }

    private static CertificateAuthority authority() {
        return new CertificateAuthority(
                new ServiceIdentity("canary-webhook", "canary-system"), Lifetimes.DEFAULT, new SecureRandom());
    }
}
