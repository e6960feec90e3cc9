// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static io.canary.certs.TestCertificates.CANARY;
import static io.canary.certs.TestCertificates.NOW;
import static io.canary.certs.TestCertificates.authority;
import static io.canary.certs.TestCertificates.signed;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// The rotator on Secrets in memory.
class RotatorTest {
    private final MemorySecret serving = new MemorySecret();
    private final MemorySecret authorities = new MemorySecret();
    private Instant now = NOW;

    private static boolean all(X509Certificate ignored) {
        return true;
    }

    private static boolean none(X509Certificate ignored) {
        return false;
    }

    private Rotator rotator() {
        return new Rotator(serving, authorities, CANARY, Lifetimes.DEFAULT, TestCertificates.issuer(), () -> now);
    }

    private Credentials after(int days, Predicate<X509Certificate> proven) {
        now = NOW.plus(Duration.ofDays(days));
        return rotator().refresh(proven);
    }

    private static Map<String, byte[]> files(MemorySecret secret) {
        return new HashMap<>(secret.load().orElseThrow().files());
    }

    @Test
    void theFirstStartFoundsTwoAuthoritiesAndSignsByTheLonger() {
        Credentials first = after(0, RotatorTest::none);

        assertThat(Credentials.decode(files(serving))).isEqualTo(first);
        assertThat(first.authorities()).hasSize(2);
        assertThat(first.issuer().getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(365)));
        assertThat(files(serving)).containsOnlyKeys("ca.crt", "tls.crt", "tls.key");
        assertThat(files(authorities)).hasSize(4);
    }

    @Test
    void whoComesSecondUsesWhatTheFirstStored() {
        Credentials first = after(0, RotatorTest::none);

        assertThat(rotator().refresh(RotatorTest::none)).isEqualTo(first);
    }

    @Test
    void nothingIsWrittenWhileNothingIsDue() {
        after(0, RotatorTest::none);
        serving.writes = 0;
        authorities.writes = 0;

        after(19, RotatorTest::all);

        assertThat(serving.writes + authorities.writes).isZero();
    }

    @Test
    void aDueLeafIsRenewedUnderTheSameAuthorities() {
        Credentials before = after(0, RotatorTest::none);

        Credentials next = after(20, RotatorTest::all);

        assertThat(next.authorities()).isEqualTo(before.authorities());
        assertThat(next.leaf()).isNotEqualTo(before.leaf());
    }

    @Test
    void aDueLeafWaitsWhileNobodyIsProven() {
        Credentials before = after(0, RotatorTest::none);

        assertThat(after(29, RotatorTest::none)).isEqualTo(before);
        assertThat(after(30, RotatorTest::none).leaf()).isNotEqualTo(before.leaf());
    }

    @Test
    void aThirdAuthorityComesInBeforeTheFirstOneEndsAndSignsOnlyOnceItIsProven() {
        Credentials first = after(0, RotatorTest::none);
        Credentials third = after(92, first.authorities()::contains);

        assertThat(third.authorities()).hasSize(3).containsAll(first.authorities());
        assertThat(first.authorities()).contains(third.issuer());
        assertThat(after(112, RotatorTest::all).issuer())
                .isEqualTo(third.authorities().getLast());
    }

    @Test
    void anAuthorityGoesWithItsKeyWhenItHasEnded() {
        after(0, RotatorTest::none);
        after(92, RotatorTest::all);

        Credentials next = after(183, RotatorTest::all);

        assertThat(next.authorities())
                .hasSize(2)
                .allMatch(one -> one.getNotAfter().toInstant().isAfter(now));
        assertThat(files(authorities)).hasSize(4);
    }

    @Test
    void aLostSecretOfAuthoritiesBringsNewOnesWhileTheOldAreTrustedOn() {
        Credentials before = after(0, RotatorTest::none);
        authorities.content = null;

        Credentials due = after(20, before.authorities()::contains);
        assertThat(due.leaf()).isEqualTo(before.leaf());
        assertThat(due.authorities()).hasSize(3).containsAll(before.authorities());

        assertThat(after(20, RotatorTest::all).issuer())
                .isEqualTo(due.authorities().getLast());
    }

    @Test
    void aLostServingSecretIsSignedAnewByTheSameAuthorities() {
        Credentials before = after(0, RotatorTest::none);
        serving.content = null;

        Credentials next = after(1, RotatorTest::none);

        assertThat(next.authorities()).containsExactlyInAnyOrderElementsOf(before.authorities());
        assertThat(next.leaf()).isNotEqualTo(before.leaf());
    }

    @Test
    void aBrokenServingSecretIsRepaired() {
        Credentials before = after(0, RotatorTest::none);
        for (String file : Credentials.decode(files(serving)).encode().keySet()) {
            Map<String, byte[]> broken = files(serving);
            broken.put(file, "nonsense".getBytes(US_ASCII));
            serving.content = new SecretFiles.Content(broken, false);

            Credentials next = rotator().refresh(RotatorTest::none);

            assertThat(next.authorities()).as(file).containsExactlyInAnyOrderElementsOf(before.authorities());
        }
    }

    @Test
    void anUnreadableAuthorityIsLeftAndSignsNothing() {
        after(0, RotatorTest::none);
        Map<String, byte[]> more = files(authorities);
        more.put("mine.crt", "nonsense".getBytes(US_ASCII));
        more.put("mine.key", "nonsense".getBytes(US_ASCII));
        authorities.content = new SecretFiles.Content(more, false);

        after(92, RotatorTest::all);

        assertThat(files(authorities)).containsKeys("mine.crt", "mine.key");
    }

    @Test
    void theSecretOfSomebodyElseIsReadAndNeverWritten() {
        Credentials theirs = signed(NOW, authority(365));
        serving.content = new SecretFiles.Content(theirs.encode(), true);

        assertThat(after(29, RotatorTest::all)).isEqualTo(theirs);
        assertThat(serving.writes + authorities.writes).isZero();
    }

    @Test
    void theSecretOfSomebodyElseMustBeForUs() {
        ServiceIdentity other = new ServiceIdentity("other", "canary-system");
        Authority signer = TestCertificates.issuer(other, Lifetimes.DEFAULT).found(NOW, Duration.ofDays(365));
        Credentials theirs = TestCertificates.issuer(other, Lifetimes.DEFAULT)
                .issue(signer, TestCertificates.certificates(signer), NOW);
        serving.content = new SecretFiles.Content(theirs.encode(), true);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> after(0, RotatorTest::all))
                .withMessage("tls.crt is for [other.canary-system.svc, other.canary-system.svc.cluster.local], "
                        + "not for canary-webhook.canary-system.svc");
    }

    @Test
    void anotherPairIsServedOnlyOnceItsAuthorityIsProven() {
        Authority old = authority(365);
        Authority fresh = authority(365);
        Credentials current = signed(NOW, old, fresh);
        Credentials stored = signed(NOW, fresh, old);

        assertThat(rotator().serve(current, stored, RotatorTest::none)).isEqualTo(current);
        assertThat(rotator().serve(current, stored, fresh.certificate()::equals))
                .isEqualTo(stored);
        now = NOW.plus(Duration.ofDays(30)).minusSeconds(3);
        assertThat(rotator().serve(current, stored, RotatorTest::none)).isEqualTo(current);
        now = NOW.plus(Duration.ofDays(30)).minusSeconds(2);
        assertThat(rotator().serve(current, stored, RotatorTest::none))
                .as("what is served is about to end")
                .isEqualTo(stored);
    }

    @Test
    void theSamePairWithAnotherBundleIsTakenAtOnce() {
        Authority old = authority(365);
        Credentials current = signed(NOW, old);
        Credentials stored = current.trusting(TestCertificates.certificates(old, authority(182)));

        assertThat(rotator().serve(current, stored, RotatorTest::none)).isEqualTo(stored);
    }
}
