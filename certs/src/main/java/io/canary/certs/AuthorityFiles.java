// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Authorities as the data of a Secret: two entries each, `SERIAL.crt` and `SERIAL.key` (the serial number in
/// hex). What cannot be read signs nothing and is left as it is.
record AuthorityFiles(Map<String, byte[]> files) {
    private static final String CERTIFICATE = ".crt";
    private static final String KEY = ".key";

    /// Those of a Secret, none where there is no Secret.
    static AuthorityFiles of(SecretFiles.@Nullable Content content) {
        return new AuthorityFiles(content == null ? Map.of() : content.files());
    }

    List<Authority> authorities() {
        List<Authority> found = new ArrayList<>();
        new TreeMap<>(files).forEach((name, pem) -> {
            String serial = name.substring(0, Math.max(0, name.length() - CERTIFICATE.length()));
            byte[] key = files.get(serial + KEY);
            if (name.endsWith(CERTIFICATE) && key != null) {
                try {
                    found.add(new Authority(Pem.certificates(name, pem).getFirst(), Pem.privateKey(serial + KEY, key)));
                } catch (IllegalArgumentException _) {
                    // Of no use to us; whoever put it there may still want it.
                }
            }
        });
        return found;
    }

    AuthorityFiles with(Authority authority) {
        Map<String, byte[]> more = new TreeMap<>(files);
        more.put(serial(authority) + CERTIFICATE, Pem.encode(List.of(authority.certificate())));
        more.put(serial(authority) + KEY, Pem.encode(authority.key()));
        return new AuthorityFiles(more);
    }

    AuthorityFiles withoutEnded(Instant now) {
        Map<String, byte[]> fewer = new TreeMap<>(files);
        for (Authority authority : authorities()) {
            if (!now.isBefore(authority.end())) {
                fewer.remove(serial(authority) + CERTIFICATE);
                fewer.remove(serial(authority) + KEY);
            }
        }
        return new AuthorityFiles(fewer);
    }

    private static String serial(Authority authority) {
        return authority.certificate().getSerialNumber().toString(16);
    }

    /// The names of the entries only.
    @Override
    public String toString() {
        return "AuthorityFiles" + new TreeMap<>(files).keySet();
    }
}
