// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// A server on this machine that answers as a test says, and notes what it was asked.
final class AnsweringServer implements AutoCloseable {
    static final AnsweringServer NONE = new AnsweringServer((_, _) -> {});

    /// Answers the request of this number, from 0 on.
    interface Answers {
        void to(int number, HttpExchange exchange) throws IOException;
    }

    private final HttpServer http;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();
    private final AtomicInteger next = new AtomicInteger();
    private volatile Answers answers;

    private AnsweringServer(Answers answers) {
        this.answers = answers;
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::handle);
    }

    static AnsweringServer start(Answers answers) {
        AnsweringServer server = new AnsweringServer(answers);
        server.http.start();
        return server;
    }

    private void handle(HttpExchange exchange) throws IOException {
        int number = next.getAndIncrement();
        clients.add(exchange.getRemoteAddress());
        requests.add("%s %s %s"
                .formatted(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI(),
                        exchange.getRequestHeaders().getFirst("Host")));
        answers.to(number, exchange);
    }

    void answers(Answers other) {
        answers = other;
    }

    static void answer(HttpExchange exchange, int status, Map<String, String> headers, String body) throws IOException {
        headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    int port() {
        return http.getAddress().getPort();
    }

    /// As `GET /path host`, in the order in which they came.
    List<String> requests() {
        return List.copyOf(requests);
    }

    int connections() {
        return clients.size();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
