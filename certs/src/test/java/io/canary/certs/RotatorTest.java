// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The rotator on a store in memory.
class RotatorTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private final MemoryStore store = new MemoryStore();

    @Test
    void theFirstStartFoundsAnAuthority() {
        Credentials credentials = rotator(NOW).refresh();

        assertThat(Credentials.decode(store.load().orElseThrow())).isEqualTo(credentials);
    }

    @Test
    void whoComesSecondUsesWhatTheFirstStored() {
        Credentials first = rotator(NOW).refresh();
        store.hideOnce = true;

        assertThat(rotator(NOW).refresh()).isEqualTo(first);
    }

    @Test
    void nothingIsWrittenWhileNothingIsDue() {
        rotator(NOW).refresh();
        store.writes = 0;

        rotator(NOW.plus(Duration.ofDays(19))).refresh();

        assertThat(store.writes).isZero();
    }

    @Test
    void aDueLeafIsRenewedUnderTheSameAuthority() {
        Credentials before = rotator(NOW).refresh();

        Credentials after = rotator(NOW.plus(Duration.ofDays(20))).refresh();

        assertThat(after.authority()).isEqualTo(before.authority());
        assertThat(after.leaf()).isNotEqualTo(before.leaf());
    }

    @Test
    void anEndedAuthorityIsFoundedAnew() {
        Credentials before = rotator(NOW).refresh();

        Credentials after = rotator(NOW.plus(Duration.ofDays(400))).refresh();

        assertThat(after.authority()).isNotEqualTo(before.authority());
    }

    private Rotator rotator(Instant now) {
        CertificateAuthority authority = new CertificateAuthority(
                new ServiceIdentity("canary-webhook", "canary-system"), Lifetimes.DEFAULT, new SecureRandom());
        return new Rotator(store, authority, Clock.fixed(now, ZoneOffset.UTC));
    }

    private static final class MemoryStore implements CertificateStore {
        private @Nullable Map<String, byte[]> data;
        private boolean hideOnce;
        private int writes;

        @Override
        public Optional<Map<String, byte[]>> load() {
            boolean hidden = hideOnce;
            hideOnce = false;
            return hidden ? Optional.empty() : Optional.ofNullable(data);
        }

        @Override
        public Map<String, byte[]> create(Map<String, byte[]> fresh) {
            writes++;
            Map<String, byte[]> stored = data == null ? fresh : data;
            data = stored;
            return stored;
        }

        @Override
        public Map<String, byte[]> replace(Map<String, byte[]> previous, Map<String, byte[]> next) {
            writes++;
            data = next;
            return next;
        }

        @Override
        public boolean publish(byte[] bundle) {
            return true;
        }
    }
}
