// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.http;

import io.canary.domain.verify.Reply;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// Sends one request and reads one response, each on a connection of its own: one that stays open stays with one pod
/// where nothing but the cluster's Services stands between, and then many requests are one sample.
public final class Exchange {
    private Exchange() {}

    /// Returns when the response is whole, or it is certain that none comes. Redirects are not followed.
    public static Outcome send(Request request) {
        long end = System.nanoTime() + request.timeout().toNanos();
        try (Socket socket = new Socket()) {
            Address address = request.address();
            socket.connect(new InetSocketAddress(address.host(), address.port()), Deadline.milliseconds(end));
            socket.setTcpNoDelay(true);
            return new Outcome.Answered(address.tls() ? secured(socket, request, end) : exchange(socket, request, end));
        } catch (IOException e) {
            return new Outcome.Failed(kind(e));
        }
    }

    private static Reply secured(Socket socket, Request request, long end) throws IOException {
        socket.setSoTimeout(Deadline.milliseconds(end));
        try (SSLSocket secure = (SSLSocket) Trust.factory(request.trusting())
                .createSocket(socket, request.serverName(), request.address().port(), true)) {
            if (!request.trusting()) {
                SSLParameters parameters = secure.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                secure.setSSLParameters(parameters);
            }
            secure.startHandshake();
            return exchange(secure, request, end);
        }
    }

    private static Reply exchange(Socket socket, Request request, long end) throws IOException {
        socket.getOutputStream().write(request.text().getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return new ResponseReader(new Deadline(socket, end)).read();
    }

    private static String kind(IOException e) {
        return switch (e) {
            case SocketTimeoutException _ -> "timed out";
            case UnknownHostException _ -> "host not found";
            case NoRouteToHostException _ -> "no route to host";
            case ConnectException refused ->
                String.valueOf(refused.getMessage()).contains("refused") ? "connection refused" : said(refused);
            case SSLException tls -> "TLS: " + tls.getMessage();
            case ResponseReader.NotHttpException odd -> said(odd);
            case SocketException broken ->
                String.valueOf(broken.getMessage()).contains("reset") ? "connection reset" : said(broken);
            default -> said(e);
        };
    }

    private static String said(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
