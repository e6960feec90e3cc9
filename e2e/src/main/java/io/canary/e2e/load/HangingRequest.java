// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.canary.e2e.testbed.Addresses;
import io.canary.e2e.testbed.ControlPlane;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import javax.net.ssl.SSLSocket;

/// A call of the API server whose body never comes: it keeps its seat of priority and fairness until it is closed, or
/// until the API server gives it up after a minute.
public final class HangingRequest implements AutoCloseable {
    // The server waits for a body of less than 256 KiB before it answers, even to refuse.
    private static final int BODY_BYTES = 1_000_000;

    private final SSLSocket socket;

    private HangingRequest(SSLSocket socket) {
        this.socket = socket;
    }

    /// Sends the head of a POST.
    ///
    /// @param user who asks, by impersonation
    /// @param path of a collection in which that user may create
    public static HangingRequest post(ControlPlane cluster, String user, String path) {
        URI server = URI.create(Addresses.API_SERVER);
        try {
            SSLSocket socket = (SSLSocket) ApiCalls.context(cluster.authority())
                    .getSocketFactory()
                    .createSocket(server.getHost(), server.getPort());
            HangingRequest request = new HangingRequest(socket);
            socket.getOutputStream().write("""
                            POST %s HTTP/1.1\r
                            Host: %s\r
                            Impersonate-User: %s\r
                            Content-Type: application/json\r
                            Content-Length: %d\r
                            \r
                            """.formatted(path, server.getHost(), user, BODY_BYTES)
                    .getBytes(US_ASCII));
            return request;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot call the API server", e);
        }
    }

    /// The line of status that came within `patience`, as `HTTP/1.1 429 Too Many Requests`; empty while none did.
    public String answered(Duration patience) {
        try {
            socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine();
            return line == null ? "" : line;
        } catch (SocketTimeoutException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("the API server ended a call", e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot hang up", e);
        }
    }
}
