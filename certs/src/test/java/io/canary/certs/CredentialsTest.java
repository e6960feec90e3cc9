// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static io.canary.certs.TestCertificates.NOW;
import static io.canary.certs.TestCertificates.signed;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Credentials on their way into a Secret and back.
class CredentialsTest {
    private static final Authority YEAR = TestCertificates.authority(365);
    private static final Credentials CREDENTIALS = signed(NOW, YEAR);

    @Test
    void whatIsEncodedIsReadBack() {
        assertThat(Credentials.decode(CREDENTIALS.encode())).isEqualTo(CREDENTIALS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca.crt", "tls.crt", "tls.key"})
    void aMissingOrBrokenEntryIsNamed(String file) {
        Map<String, byte[]> data = new HashMap<>(CREDENTIALS.encode());
        data.remove(file);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.decode(data))
                .withMessageContaining(file);

        data.put(file, "nonsense".getBytes(US_ASCII));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.decode(data))
                .withMessageContaining(file);
    }

    @Test
    void aKeyWhoseHeadAndFootOverlapIsRefused() {
        Map<String, byte[]> data = new HashMap<>(CREDENTIALS.encode());
        data.put("tls.key", "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----".getBytes(US_ASCII));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.decode(data))
                .withMessage("tls.key holds no readable private key");
    }

    @Test
    void aHugeEntryIsNotParsed() {
        Map<String, byte[]> data = new HashMap<>(CREDENTIALS.encode());
        data.put("tls.crt", new byte[Pem.MAX_BYTES + 1]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.decode(data))
                .withMessage("tls.crt has 65537 bytes, at most 65536 are read");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        Map<String, byte[]> data = new HashMap<>(CREDENTIALS.encode());
        data.put("tls.key", signed(NOW, YEAR).encode().get("tls.key"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.decode(data))
                .withMessage("tls.key does not belong to tls.crt");
    }

    @Test
    void aLeafOfAnotherAuthorityIsRefused() {
        Credentials other = signed(NOW, TestCertificates.authority(365));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Credentials(CREDENTIALS.authorities(), other.leafKey(), other.chain()))
                .withMessage("tls.crt is not signed by an authority in ca.crt");
    }

    @Test
    void textOfCredentialsHoldsNoKey() {
        assertThat(CREDENTIALS.toString())
                .isEqualTo("Credentials[leaf=CN=canary-webhook until 2026-01-31T00:00:00Z, "
                        + "issuer=CN=canary-webhook-ca until 2027-01-01T00:00:00Z, trusted=1]");
    }
}
