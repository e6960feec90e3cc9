// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.canary.certs.Bundle;
import io.canary.certs.ClientAuthorities;
import io.canary.certs.Credentials;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// PEM of a Secret or a file that others write: it is read, or refused by a sentence that does not hold a
/// key.
///
/// An input is a byte for what it is, and then text, or DER that is put into a block of that name.
public final class SecretFuzz {
    private static final List<String> BLOCKS = List.of(
            "PRIVATE KEY",
            "EC PRIVATE KEY",
            "RSA PRIVATE KEY",
            "CERTIFICATE",
            "ENCRYPTED PRIVATE KEY",
            "EC PARAMETERS",
            "X509 CRL",
            "PKCS7");
    private static final byte[] CERTIFICATE =
            Seeds.file("SecretFuzz", "leaf-crt").clone();

    private SecretFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Choices choices = new Choices(input);
        int kind = choices.number(BLOCKS.size() + 1);
        byte[] rest = choices.remaining();
        byte[] pem = kind == BLOCKS.size() ? rest : block(BLOCKS.get(kind), rest);
        byte[] leaf = java.util.Arrays.copyOfRange(CERTIFICATE, 1, CERTIFICATE.length);
        byte[] good = block("CERTIFICATE", leaf);

        Bundle.decode(pem);
        refusedWell(pem, () -> ClientAuthorities.decode("clients.pem", pem).trust());
        for (String file : List.of("ca.crt", "tls.crt", "tls.key")) {
            Map<String, byte[]> secret = new HashMap<>(Map.of("ca.crt", good, "tls.crt", good, "tls.key", pem));
            secret.put(file, pem);
            refusedWell(pem, () -> Credentials.decode(secret));
        }
    }

    private static void refusedWell(byte[] pem, Runnable reading) {
        try {
            reading.run();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            Promise.readable(message);
            String text = new String(pem, US_ASCII);
            Promise.kept(
                    text.lines().noneMatch(line -> line.length() > 24 && message.contains(line)),
                    () -> "the message holds what was read: " + message);
        }
    }

    private static byte[] block(String name, byte[] der) {
        return ("-----BEGIN " + name + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END " + name + "-----\n")
                .getBytes(US_ASCII);
    }
}
