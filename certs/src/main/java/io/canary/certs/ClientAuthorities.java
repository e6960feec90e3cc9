// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// The authorities by which clients must have their certificate, where a server asks for one.
public record ClientAuthorities(List<X509Certificate> certificates) {
    /// The largest file that is read, in bytes.
    public static final int MAX_BYTES = Pem.MAX_BYTES;

    public ClientAuthorities {
        certificates = List.copyOf(certificates);
    }

    /// What PEM says; an [IllegalArgumentException] names `file` and what is wrong with it.
    public static ClientAuthorities decode(String file, byte[] pem) {
        return new ClientAuthorities(Pem.certificates(file, pem));
    }

    /// Trusts clients with a certificate by one of these that is valid now and may be used by a client.
    public X509ExtendedTrustManager trust() {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                anchors.setCertificateEntry("authority-" + i, certificates.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(anchors);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the JDK cannot check certificates", e);
        }
    }

    /// Names only.
    @Override
    public String toString() {
        return "ClientAuthorities"
                + certificates.stream()
                        .map(X509Certificate::getSubjectX500Principal)
                        .toList();
    }
}
