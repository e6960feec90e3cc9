// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static io.canary.certs.TestCertificates.NOW;
import static io.canary.certs.TestCertificates.authority;
import static io.canary.certs.TestCertificates.certificates;
import static io.canary.certs.TestCertificates.signed;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who may sign.
class SigningTest {
    private static final Authority YEAR = authority(365);
    private static final Authority HALF = authority(182);
    private static final Stock SERVED = new Stock(certificates(YEAR, HALF), signed(NOW, HALF, YEAR), "");
    private static final Instant DAY_20 = NOW.plus(Duration.ofDays(20));
    private static final Instant DAY_30 = NOW.plus(Duration.ofDays(30));
    private static final Instant DAY_31 = NOW.plus(Duration.ofDays(31));

    @Test
    void theLongestOfThoseThatAreProven() {
        assertThat(Signing.of(DAY_20, List.of(HALF, YEAR), SERVED, _ -> true)).isEqualTo(new Signing.By(YEAR));
        assertThat(Signing.of(DAY_20, List.of(HALF, YEAR), SERVED, HALF.certificate()::equals))
                .isEqualTo(new Signing.By(HALF));
    }

    @Test
    void nobodyWhileClientsMayTrustNone() {
        assertThat(Signing.of(DAY_20, List.of(HALF, YEAR), SERVED, _ -> false)).isEqualTo(new Signing.Later());
    }

    @Test
    void anyoneOnceThereIsNothingToLose() {
        assertThat(Signing.of(DAY_31, List.of(HALF, YEAR), SERVED, _ -> false)).isEqualTo(new Signing.By(YEAR));
        assertThat(Signing.of(DAY_30.minusSeconds(2), List.of(HALF, YEAR), SERVED, _ -> false))
                .as("what is served is about to end")
                .isEqualTo(new Signing.By(YEAR));
        assertThat(Signing.of(DAY_30.minusSeconds(3), List.of(HALF, YEAR), SERVED, _ -> false))
                .isEqualTo(new Signing.Later());
        assertThat(Signing.of(DAY_20, List.of(HALF), new Stock(certificates(HALF), null, "gone"), _ -> false))
                .isEqualTo(new Signing.By(HALF));
    }

    @Test
    void noOneWhoseCertificateIsNotStoredAsTrusted() {
        assertThat(Signing.of(DAY_20, List.of(authority(365)), SERVED, _ -> true))
                .isEqualTo(new Signing.Nobody());
        assertThat(Signing.of(DAY_20, List.of(), SERVED, _ -> true)).isEqualTo(new Signing.Nobody());
    }

    @Test
    void noOneWhoHasEnded() {
        Instant day183 = NOW.plus(Duration.ofDays(183));
        assertThat(Signing.of(day183, List.of(HALF), SERVED, _ -> true)).isEqualTo(new Signing.Nobody());
    }
}
