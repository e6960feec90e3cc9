// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import java.util.HexFormat;

/// A hash of a sequence of texts (FNV-1a, 64 bits): tells whether two pod templates of one review are the same. The API
/// server writes both from the same types, so in the same order.
final class TextHash {
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private long hash = OFFSET;

    void add(String text) {
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        hash = (hash ^ 0xffff) * PRIME; // so that "ab", "c" and "a", "bc" are two
    }

    String text() {
        return HexFormat.of().toHexDigits(hash);
    }
}
