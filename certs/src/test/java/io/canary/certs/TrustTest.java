// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static io.canary.certs.TestCertificates.NOW;
import static io.canary.certs.TestCertificates.authority;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// From when on an authority is known to be trusted.
class TrustTest {
    private static final X509Certificate ONE = authority(365).certificate();
    private static final X509Certificate OTHER = authority(182).certificate();

    private static Instant second(int second) {
        return NOW.plusSeconds(second);
    }

    @Test
    void afterAMinuteInEveryBundle() {
        Trust trust = Trust.NONE.after(second(0), List.of(ONE), true).after(second(30), List.of(ONE), true);

        assertThat(trust.at(second(59)).test(ONE)).isFalse();
        assertThat(trust.waits(second(59))).isTrue();
        assertThat(trust.at(second(60)).test(ONE)).isTrue();
        assertThat(trust.waits(second(60))).isFalse();
    }

    @Test
    void notWhileCallsFail() {
        Trust trust = Trust.NONE.after(second(0), List.of(ONE), true).after(second(59), List.of(ONE), false);

        assertThat(trust.at(second(118)).test(ONE)).isFalse();
        assertThat(trust.at(second(119)).test(ONE)).isTrue();
    }

    @Test
    void whatWasProvenStaysSoWhenCallsFail() {
        Trust trust = Trust.NONE.after(second(0), List.of(ONE), true).after(second(60), List.of(ONE, OTHER), false);

        assertThat(trust.at(second(60)).test(ONE)).isTrue();
        assertThat(trust.at(second(60)).test(OTHER)).isFalse();
    }

    @Test
    void anewAfterItWasTakenOut() {
        Trust trust = Trust.NONE
                .after(second(0), List.of(ONE), true)
                .after(second(90), List.of(OTHER), true)
                .after(second(100), List.of(ONE, OTHER), true);

        assertThat(trust.at(second(159)).test(ONE)).isFalse();
        assertThat(trust.at(second(160)).test(ONE)).isTrue();
    }
}
