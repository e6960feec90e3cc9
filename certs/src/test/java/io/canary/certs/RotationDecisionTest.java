// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static io.canary.certs.TestCertificates.NOW;
import static io.canary.certs.TestCertificates.authority;
import static io.canary.certs.TestCertificates.certificates;
import static io.canary.certs.TestCertificates.signed;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// When is something due.
class RotationDecisionTest {
    private static final Authority YEAR = authority(365);
    private static final Authority HALF = authority(182);

    private static RotationDecision at(Duration after, Stock stock) {
        return RotationDecision.at(NOW.plus(after), Lifetimes.DEFAULT, stock);
    }

    private static Stock stock(Credentials credentials) {
        return new Stock(credentials.authorities(), credentials, "");
    }

    // A leaf of 30 days is due at 20 days; the half year's authority is followed 91 days 6 hours before its end.
    @ParameterizedTest
    @CsvSource({
        "-PT2H,         Keep",
        "PT0S,          Keep",
        "PT479H59M59S,  Keep",
        "PT480H,        RenewLeaf",
        "PT720H,        RenewLeaf",
        "P90DT17H,      RenewLeaf",
        "P90DT18H,      AddAuthority",
        "P364D,         AddAuthority",
        "P365D,         Found",
        "P999D,         Found",
    })
    void ofAPairAndTwoAuthorities(Duration after, String expected) {
        RotationDecision decision = at(after, stock(signed(NOW, YEAR, HALF)));

        assertThat(decision.getClass().getSimpleName()).isEqualTo(expected);
    }

    @Test
    void nothingStoredNeedsAll() {
        assertThat(at(Duration.ZERO, Stock.NOTHING)).isEqualTo(new RotationDecision.Found());
    }

    @Test
    void besideAYearComesHalfOne() {
        assertThat(at(Duration.ZERO, stock(signed(NOW, YEAR))))
                .isEqualTo(
                        new RotationDecision.AddAuthority(Duration.ofDays(365).dividedBy(2)));
    }

    @Test
    void whereEndsLieApartAWholeLifeIsGiven() {
        assertThat(at(Duration.ofDays(100), stock(signed(NOW.plus(Duration.ofDays(100)), YEAR, HALF))))
                .isEqualTo(new RotationDecision.AddAuthority(Duration.ofDays(365)));
    }

    @Test
    void aPairThatCannotBeReadIsRenewed() {
        assertThat(at(Duration.ZERO, new Stock(certificates(YEAR, HALF), null, "tls.key is missing")))
                .isEqualTo(new RotationDecision.RenewLeaf("tls.key is missing"));
    }

    @Test
    void authoritiesThatEndedGo() {
        Authority later = TestCertificates.issuer().found(NOW.plus(Duration.ofDays(91)), Duration.ofDays(365));
        Duration after = Duration.ofDays(183);
        Credentials credentials = signed(NOW.plus(after), YEAR, HALF, later);

        assertThat(at(after, stock(credentials)))
                .isEqualTo(new RotationDecision.DropAuthorities(List.of(HALF.certificate())));
    }
}
