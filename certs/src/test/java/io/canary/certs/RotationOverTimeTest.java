// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static io.canary.certs.TestCertificates.CANARY;
import static io.canary.certs.TestCertificates.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Half a dozen authorities of three replicas and two API servers in seconds: who looks when, who stands still
/// for a while or starts anew, which Secret is lost, is left to chance. At every moment each API server must
/// trust each replica.
class RotationOverTimeTest {
    private static final Lifetimes SHORT = new Lifetimes(Duration.ofHours(1), Duration.ofMinutes(15));
    private static final int LOOK = 30;
    private static final int LAG = 50; // an API server sees a bundle this much later; Trust.WAIT must be longer

    private final MemorySecret serving = new MemorySecret();
    private final MemorySecret authorities = new MemorySecret();
    private final List<Published> bundles = new ArrayList<>(List.of(new Published(NOW, Bundle.EMPTY)));
    private final Set<X509Certificate> signers = new HashSet<>();
    private final CertificateAuthority issuer = TestCertificates.issuer(CANARY, SHORT);
    private Instant now = NOW;

    /// What was in `caBundle` from a moment on.
    private record Published(Instant from, Bundle bundle) {}

    private final class Replica {
        private Trust trust = Trust.NONE;
        private @Nullable Credentials current;
        private Instant wakes = NOW;

        Rotator rotator() {
            return new Rotator(serving, authorities, CANARY, SHORT, issuer, () -> now);
        }

        void look() {
            Credentials stored = rotator().refresh(trust.at(now));
            Credentials served = current;
            Bundle published = Bundle.of(stored, served == null ? stored : served)
                    .keeping(bundles.getLast().bundle(), now);
            if (!published.equals(bundles.getLast().bundle())) {
                bundles.add(new Published(now, published));
            }
            trust = trust.after(now, published.authorities(), true);
            current = served == null ? stored : rotator().serve(served, stored, trust.at(now));
            signers.add(stored.issuer());
        }
    }

    /// What an API server that lags trusts.
    private Bundle trusted(int lag) {
        Instant seen = now.minusSeconds(lag);
        return bundles.stream()
                .filter(published -> !published.from().isAfter(seen))
                .reduce((_, later) -> later)
                .orElse(bundles.getFirst())
                .bundle();
    }

    private void check(Replica replica) {
        Credentials served = replica.current;
        if (served == null || now.isBefore(NOW.plusSeconds(2 * LAG))) {
            return; // being installed
        }
        assertThat(now).as("the served certificate's end").isBefore(served.end());
        for (int lag : new int[] {0, LAG}) {
            assertThat(trusted(lag).authorities())
                    .as("trusted by an API server %d s behind, at %s", lag, now)
                    .contains(served.issuer());
        }
        assertThat(bundles.getLast().bundle().authorities()).hasSizeLessThanOrEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyApiServerTrustsEveryReplica(long seed) {
        Random random = new Random(seed);
        List<Replica> replicas = new ArrayList<>(List.of(new Replica(), new Replica(), new Replica()));
        for (int second = 0; second < 3 * 3600; second += LOOK / 2) {
            now = NOW.plusSeconds(second);
            for (int i = 0; i < replicas.size(); i++) {
                Replica replica = replicas.get(i);
                if (!now.isBefore(replica.wakes)) {
                    replica.look();
                    replica.wakes = now.plusSeconds(LOOK);
                }
                check(replica);
                switch (random.nextInt(1_000)) {
                    case 0, 1 -> replicas.set(i, new Replica());
                    case 2, 3 -> replica.wakes = now.plusSeconds(random.nextInt(120));
                    case 4 -> authorities.content = null;
                    case 5 -> serving.content = null;
                    case 6 -> {
                        authorities.content = null;
                        serving.content = null;
                    }
                    default -> {
                        // An ordinary moment.
                    }
                }
            }
        }
        assertThat(signers).as("authorities came and went").hasSizeGreaterThan(3);
    }
}
