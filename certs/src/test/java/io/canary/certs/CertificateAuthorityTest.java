// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What an issued certificate says, and what its authority cannot do.
class CertificateAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ServiceIdentity CANARY = new ServiceIdentity("canary-webhook", "canary-system");

    @Test
    void theLeafSpeaksForTheServiceAndNothingElse() throws GeneralSecurityException {
        X509Certificate leaf = authority(CANARY).found(NOW).leaf();

        assertThat(leaf.getSubjectAlternativeNames())
                .containsExactly(
                        List.of(2, "canary-webhook.canary-system.svc"),
                        List.of(2, "canary-webhook.canary-system.svc.cluster.local"));
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getNotBefore().toInstant()).isEqualTo(NOW.minus(Duration.ofHours(1)));
        assertThat(leaf.getSerialNumber().bitLength()).isEqualTo(128);
    }

    @Test
    void theAuthorityIsBoundToTheService() throws GeneralSecurityException {
        X509Certificate authority = authority(CANARY).found(NOW).authority();

        assertThat(authority.getBasicConstraints()).isZero();
        assertThat(authority.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(authority.getCriticalExtensionOIDs()).contains("2.5.29.30", "2.5.29.19", "2.5.29.15");
    }

    @Test
    void aRenewedLeafIsTrustedByTheSameBundle() throws GeneralSecurityException {
        Credentials first = authority(CANARY).found(NOW);
        Credentials second = authority(CANARY).renewLeaf(first, NOW.plus(Duration.ofDays(20)));

        assertThat(second.bundle()).isEqualTo(first.bundle());
        assertThat(second.leaf()).isNotEqualTo(first.leaf());
        validate(second.leaf(), second.authority(), NOW.plus(Duration.ofDays(49)));
    }

    @Test
    void aLeafNeverOutlivesItsAuthority() {
        Credentials first = authority(CANARY).found(NOW);

        Credentials last = authority(CANARY).renewLeaf(first, NOW.plus(Duration.ofDays(360)));

        assertThat(last.leaf().getNotAfter()).isEqualTo(first.authority().getNotAfter());
    }

    @Test
    void aStolenAuthorityKeyIsOfNoUseForOtherNames() {
        Credentials stolen = authority(CANARY).found(NOW);
        Credentials forged =
                authority(new ServiceIdentity("other", "canary-system")).renewLeaf(stolen, NOW);

        assertThatThrownBy(() -> validate(forged.leaf(), stolen.authority(), NOW))
                .isInstanceOf(CertPathValidatorException.class)
                .hasMessageContaining("name constraints");
    }

    private static CertificateAuthority authority(ServiceIdentity identity) {
        return new CertificateAuthority(identity, Lifetimes.DEFAULT, new SecureRandom());
    }

    private static void validate(X509Certificate leaf, X509Certificate authority, Instant at)
            throws GeneralSecurityException {
        // The JDK does not read the name constraints of an anchor: the authority stands in the path too.
        PKIXParameters parameters = new PKIXParameters(
                Set.of(new TrustAnchor(authority.getSubjectX500Principal(), authority.getPublicKey(), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(at));
        CertPathValidator.getInstance("PKIX")
                .validate(
                        CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf, authority)), parameters);
    }
}
