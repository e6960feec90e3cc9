// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static io.canary.certs.TestCertificates.NOW;
import static io.canary.certs.TestCertificates.authority;
import static io.canary.certs.TestCertificates.signed;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Whom clients are told to trust.
class BundleTest {
    private static final Authority OLD = authority(365);
    private static final Authority FRESH = authority(365);
    private static final Authority NEXT = authority(182);

    /// In the place of one that signed itself, as cert-manager makes them: trusted as it stands, and no authority.
    private static Credentials alone() {
        Credentials pair = signed(NOW, OLD);
        return new Credentials(pair.chain(), pair.leafKey(), pair.chain());
    }

    @Test
    void whatIsServedStillIsTrustedBesideWhatIsStored() {
        Credentials served = signed(NOW, OLD, NEXT);
        Credentials stored = signed(NOW, FRESH, NEXT);

        assertThat(Bundle.of(stored, served).keeping(Bundle.EMPTY, NOW).authorities())
                .as("also after somebody emptied the bundle")
                .containsExactlyInAnyOrder(FRESH.certificate(), NEXT.certificate(), OLD.certificate());
    }

    @Test
    void nothingIsAddedWhereTheTwoAreOne() {
        Credentials both = signed(NOW, OLD, NEXT);

        assertThat(Bundle.of(both, both).authorities()).isEqualTo(both.authorities());
    }

    @Test
    void replicasThatServeByDifferentOnesWriteTheSame() {
        Credentials stored = signed(NOW, FRESH, NEXT);
        Bundle one = Bundle.of(stored, signed(NOW, OLD)).keeping(Bundle.EMPTY, NOW);
        Bundle both = Bundle.of(stored, signed(NOW, authority(90))).keeping(one, NOW);

        assertThat(Bundle.of(stored, signed(NOW, OLD)).keeping(both, NOW)).isEqualTo(both);
    }

    @Test
    void aCertificateThatNobodyElseSignedIsTrustedUntilItEnds() {
        Credentials served = alone();
        Credentials renewed = alone();
        Bundle published = new Bundle(served.authorities());

        Bundle next = Bundle.of(renewed, served).keeping(published, NOW);
        assertThat(next.authorities()).containsExactlyInAnyOrder(renewed.leaf(), served.leaf());

        // Another replica that has the new one already, while this one serves by the old.
        assertThat(Bundle.of(renewed, renewed).keeping(next, NOW)).isEqualTo(next);
        Instant end = served.end().plus(Duration.ofSeconds(1));
        assertThat(new Bundle(List.of(FRESH.certificate())).keeping(next, end).authorities())
                .containsExactly(FRESH.certificate());
    }
}
