// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;

/// What comes from a socket until a point in time: a sender that trickles gets no more of it than one that is silent.
final class Deadline extends InputStream {
    private static final long MILLISECOND = 1_000_000;

    private final Socket socket;
    private final InputStream in;
    private final long end;

    /// @param end by `System.nanoTime()`
    Deadline(Socket socket, long end) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.end = end;
    }

    /// How long is left, at least 1.
    static int milliseconds(long end) throws SocketTimeoutException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException();
        }
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, left / MILLISECOND));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        socket.setSoTimeout(milliseconds(end));
        return in.read(bytes, from, length);
    }
}
