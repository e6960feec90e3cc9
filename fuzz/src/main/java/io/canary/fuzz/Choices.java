// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;

/// Decisions read from the bytes of an input, one after another; when they are used up, always the first
/// choice.
final class Choices {
    private final byte[] bytes;
    private int next;

    Choices(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    boolean any() {
        return next < bytes.length;
    }

    /// A number from 0 to `below` - 1, at most 256.
    int number(int below) {
        return any() ? (bytes[next++] & 0xff) % below : 0;
    }

    <T> T of(List<T> all) {
        return all.get(number(all.size()));
    }

    long seconds() {
        long value = 0;
        for (int i = 0; i < 5; i++) {
            value = value << 8 | number(256);
        }
        return value;
    }

    /// A text of at most 255 bytes.
    String text() {
        return text(number(256));
    }

    /// All that is left, as text.
    String rest() {
        return text(bytes.length);
    }

    /// All that is left.
    byte[] remaining() {
        byte[] rest = Arrays.copyOfRange(bytes, next, bytes.length);
        next = bytes.length;
        return rest;
    }

    // UTF-8 mostly; bytes that are none make other characters, and after 0xff pairs of bytes are any char there is.
    private String text(int length) {
        byte[] part = Arrays.copyOfRange(bytes, next, Math.min(bytes.length, next + length));
        next = Math.min(bytes.length, next + length);
        if (part.length > 0 && part[0] == (byte) 0xff) {
            StringBuilder chars = new StringBuilder();
            for (int i = 1; i + 1 < part.length; i += 2) {
                chars.append((char) ((part[i] & 0xff) << 8 | (part[i + 1] & 0xff)));
            }
            return chars.toString();
        }
        String text = new String(part, UTF_8);
        return text.indexOf('\ufffd') < 0 ? text : new String(part, ISO_8859_1);
    }
}
