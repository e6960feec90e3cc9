// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.io.IOException;
import java.io.StringReader;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/// Keys in the older forms that others write (PKCS #1, SEC 1), by Bouncy Castle: only they load its library.
final class ForeignKey {
    private ForeignKey() {}

    /// The key as PKCS #8; an [IllegalArgumentException] if there is none.
    static byte[] pkcs8(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            return switch (parser.readObject()) {
                case PEMKeyPair pair -> pair.getPrivateKeyInfo().getEncoded();
                case PrivateKeyInfo info -> info.getEncoded();
                case null, default -> throw new IllegalArgumentException("no private key");
            };
        } catch (IOException e) {
            throw new IllegalArgumentException("no readable private key", e);
        }
    }
}
