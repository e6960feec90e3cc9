// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.app.Names;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Refuses clients in the TLS handshake, before a byte of theirs is read as HTTP: who has no certificate by
/// an authority that is trusted, or one with another name (admission.md T12).
///
/// We call our own hooks before we are ready, see [WarmUp]: until then whoever proves to hold the key of
/// the certificate that we serve with is ourselves. So no key has to be made or handed out for that.
final class ClientCheck extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager trust;
    private final Set<String> names;
    private final @Nullable X509Certificate ourselves;
    private final ClientRefusals refusals;

    /// @param ourselves the certificate that our own calls show; null where there are none
    ClientCheck(Clients clients, @Nullable X509Certificate ourselves, ClientRefusals refusals) {
        this.trust = clients.authorities().trust();
        this.names = clients.names();
        this.ourselves = ourselves;
        this.refusals = refusals;
    }

    @Override
    public void checkClientTrusted(
            X509Certificate @Nullable [] chain, @Nullable String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        if (chain == null || chain.length == 0) {
            throw new CertificateException("no certificate");
        }
        if (chain[0].equals(ourselves)) {
            return;
        }
        try {
            trust.checkClientTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            refusals.count(ClientRefusals.Reason.UNTRUSTED, subject(chain[0]));
            throw e;
        }
        if (!names.isEmpty() && commonName(chain[0]).filter(names::contains).isEmpty()) {
            refusals.count(ClientRefusals.Reason.NAME, subject(chain[0]));
            throw new CertificateException("the certificate's common name is none of those let in");
        }
    }

    /// The one common name; empty where there is none, or more than one.
    static Optional<String> commonName(X509Certificate certificate) {
        try {
            List<Object> names = new LdapName(
                            certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                            .map(rdn -> rdn.size() == 1 ? rdn.getValue() : new Object())
                            .toList();
            return names.size() == 1 && names.getFirst() instanceof String name ? Optional.of(name) : Optional.empty();
        } catch (InvalidNameException _) {
            return Optional.empty();
        }
    }

    private static String subject(X509Certificate certificate) {
        return Names.printable(certificate.getSubjectX500Principal().getName());
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.getAcceptedIssuers();
    }

    @Override
    public void checkClientTrusted(X509Certificate @Nullable [] chain, @Nullable String authType)
            throws CertificateException {
        checkClientTrusted(chain, authType, (SSLEngine) null);
    }

    @Override
    public void checkClientTrusted(
            X509Certificate @Nullable [] chain, @Nullable String authType, @Nullable Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType, (SSLEngine) null);
    }

    @Override
    public void checkServerTrusted(X509Certificate @Nullable [] chain, @Nullable String authType)
            throws CertificateException {
        throw new CertificateException("clients only");
    }

    @Override
    public void checkServerTrusted(
            X509Certificate @Nullable [] chain, @Nullable String authType, @Nullable Socket socket)
            throws CertificateException {
        throw new CertificateException("clients only");
    }

    @Override
    public void checkServerTrusted(
            X509Certificate @Nullable [] chain, @Nullable String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("clients only");
    }
}
