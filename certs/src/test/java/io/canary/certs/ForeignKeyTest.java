// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys in the forms in which cert-manager writes them.
class ForeignKeyTest {
    private static PrivateKey key(String algorithm) throws GeneralSecurityException {
        return KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void pkcs8(String algorithm) throws GeneralSecurityException {
        PrivateKey key = key(algorithm);

        assertThat(Pem.privateKey("tls.key", Pem.encode(key))).isEqualTo(key);
    }

    @Test
    void pkcs1() throws GeneralSecurityException, IOException {
        PrivateKey key = key("RSA");
        byte[] inner = PrivateKeyInfo.getInstance(key.getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();

        assertThat(Pem.privateKey("tls.key", pem("RSA PRIVATE KEY", inner))).isEqualTo(key);
    }

    @Test
    void sec1() throws GeneralSecurityException, IOException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        ECPrivateKey key = (ECPrivateKey) generator.generateKeyPair().getPrivate();
        byte[] inner = new org.bouncycastle.asn1.sec.ECPrivateKey(256, key.getS(), SECObjectIdentifiers.secp256r1)
                .getEncoded();

        assertThat(Pem.privateKey("tls.key", pem("EC PRIVATE KEY", inner)))
                .isInstanceOfSatisfying(
                        ECPrivateKey.class, read -> assertThat(read.getS()).isEqualTo(key.getS()));
    }

    private static byte[] pem(String label, byte[] der) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(label, der));
        }
        return text.toString().getBytes(US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"})
    void anythingElseIsRefusedWithoutBeingShown(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pem.privateKey("tls.key", text.getBytes(US_ASCII)))
                .withMessage("tls.key holds no readable private key");
    }

    @Test
    void aCertificateIsNoKey() {
        byte[] certificate = Pem.encode(TestCertificates.certificates(TestCertificates.authority(365)));

        assertThatIllegalArgumentException().isThrownBy(() -> Pem.privateKey("tls.key", certificate));
    }
}
