// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static io.canary.certs.TestCertificates.NOW;
import static io.canary.certs.TestCertificates.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
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
    private static final Authority YEAR = TestCertificates.authority(365);

    @Test
    void theLeafSpeaksForTheServiceAndNothingElse() throws GeneralSecurityException {
        X509Certificate leaf = signed(NOW, YEAR).leaf();

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
        X509Certificate authority = YEAR.certificate();

        assertThat(authority.getBasicConstraints()).isZero();
        assertThat(authority.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(authority.getCriticalExtensionOIDs()).contains("2.5.29.30", "2.5.29.19", "2.5.29.15");
    }

    @Test
    void aLeafIsTrustedByItsAuthority() throws GeneralSecurityException {
        Instant later = NOW.plus(Duration.ofDays(20));

        validate(signed(later, YEAR).leaf(), YEAR.certificate(), NOW.plus(Duration.ofDays(49)));
    }

    @Test
    void aLeafNeverOutlivesItsAuthority() {
        Credentials last = signed(NOW.plus(Duration.ofDays(360)), YEAR);

        assertThat(last.leaf().getNotAfter()).isEqualTo(YEAR.certificate().getNotAfter());
    }

    @Test
    void aStolenAuthorityKeyIsOfNoUseForOtherNames() {
        Credentials forged = TestCertificates.issuer(new ServiceIdentity("other", "canary-system"), Lifetimes.DEFAULT)
                .issue(YEAR, TestCertificates.certificates(YEAR), NOW);

        assertThatThrownBy(() -> validate(forged.leaf(), YEAR.certificate(), NOW))
                .isInstanceOf(CertPathValidatorException.class)
                .hasMessageContaining("name constraints");
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
