// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.canary.domain.route.Reading;
import io.canary.domain.verify.Reply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExchangeTest {
    private static Reply read(String response) throws IOException {
        return new ResponseReader(new ByteArrayInputStream(response.getBytes(StandardCharsets.ISO_8859_1))).read();
    }

    private static Request to(int port, boolean tls, boolean trusting) {
        return new Request(
                new Address(tls, "127.0.0.1", port, ""), "a.example", "/", Map.of(), Duration.ofSeconds(2), trusting);
    }

    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 200 OK|Content-Length: 5||hello and more', hello",
        "'HTTP/1.1 200 OK||until the end', until the end",
        "'HTTP/1.1 200|Transfer-Encoding: chunked||5;ext=1|hello|6| world|0|Trailer: x||', hello world",
        "'HTTP/1.1 103 Early Hints|Link: x||HTTP/1.1 200 OK|Content-Length: 2||ok', ok",
        "'HTTP/1.0 204 No Content||', ''"
    })
    void bodiesOfAllLengths(String response, String body) throws IOException {
        assertThat(read(response.replace("|", "\r\n")).body()).isEqualTo(body);
    }

    @Test
    void headersAreFoldedByName() throws IOException {
        Reply reply = read("HTTP/1.1 200 OK\r\nX-Version:  v1 \r\nVary: a\r\nvary: b\r\nContent-Length: 0\r\n\r\n");
        assertThat(reply.headers()).isEqualTo(Map.of("x-version", "v1", "vary", "a, b", "content-length", "0"));
    }

    @Test
    void aBodyIsReadNoFurtherThanAMebibyte() throws IOException {
        String much = "x".repeat(ResponseReader.BODY);
        assertThat(read("HTTP/1.1 200 OK\r\n\r\n" + much + "y").body()).isEqualTo(much);
        assertThat(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" + much + "y")
                        .body())
                .isEqualTo(much);
    }

    @ParameterizedTest
    @CsvSource({
        "'', no answer",
        "'SSH-2.0-x|', the answer is not HTTP/1.1",
        "'HTTP/1.1 200 OK|Content-Length: 5||hel', the answer was cut off",
        "'HTTP/1.1 200 OK|Content-Length: many||', the answer's Content-Length is no number",
        "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hel', the answer was cut off",
        "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|', the answer was cut off",
        "'HTTP/1.1 200 OK|X', the answer was cut off"
    })
    void whatIsNoWholeAnswer(String response, String kind) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread serving = Thread.ofVirtual().start(() -> serve(server, response.replace("|", "\r\n")));
            assertThat(Exchange.send(to(server.getLocalPort(), false, false))).isEqualTo(new Outcome.Failed(kind));
            serving.join();
        }
    }

    private static void serve(ServerSocket server, String response) {
        try (Socket socket = server.accept()) {
            byte[] request = new byte[4096];
            int length = socket.getInputStream().read(request);
            assertThat(new String(request, 0, length, StandardCharsets.ISO_8859_1))
                    .endsWith("\r\n\r\n");
            socket.getOutputStream().write(response.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void endlessHeadersAreNotRead() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread serving = Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    OutputStream out = socket.getOutputStream();
                    out.write("HTTP/1.1 200 OK\r\nX: ".getBytes(StandardCharsets.ISO_8859_1));
                    while (true) {
                        out.write(new byte[1024]);
                    }
                } catch (IOException e) {
                    // The reader has had enough.
                }
            });
            assertThat(Exchange.send(to(server.getLocalPort(), false, false)))
                    .isEqualTo(new Outcome.Failed("the answer's headers are too long"));
            serving.join();
        }
    }

    /// Who sends a byte at a time gets no more time than who is silent.
    @Test
    void whatComesTooLateIsNotRead() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket sender = server.accept()) {
            sender.getOutputStream().write(new byte[2]);
            Deadline early = new Deadline(
                    client, System.nanoTime() + Duration.ofMinutes(1).toNanos());
            assertThat(early.read()).isZero();
            assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(new Deadline(client, System.nanoTime() - 1)::read);
        }
    }

    /// With a certificate that nobody has signed.
    @Test
    void tlsIsCheckedUnlessAnyCertificateWillDo(@TempDir Path folder) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(selfSigned(folder)));
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("x-version", "v1");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try {
            int port = server.getAddress().getPort();
            assertThat(Exchange.send(to(port, true, true)))
                    .isInstanceOfSatisfying(
                            Outcome.Answered.class,
                            answered -> assertThat(answered.reply().headers()).containsEntry("x-version", "v1"));
            assertThat(Exchange.send(to(port, true, false)))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.kind())
                                    .startsWith("TLS: ")
                                    .contains("certification path"));
        } finally {
            server.stop(0);
        }
    }

    private static SSLContext selfSigned(Path folder) throws Exception {
        Path file = folder.resolve("keys.p12");
        char[] password = "changeit".toCharArray();
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=a.example",
                        "-storepass",
                        new String(password),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        keytool.getInputStream().readAllBytes();
        assertThat(keytool.waitFor()).isZero();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(file.toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void aServerWithoutTlsIsToldOne() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread serving = Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    int _ = socket.getInputStream().read(new byte[4096]);
                    socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(Exchange.send(to(server.getLocalPort(), true, true)))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.kind()).startsWith("TLS: "));
            serving.join();
        }
    }

    @Test
    void aNameThatNobodyHasIsNotFound() {
        Request request = new Request(
                new Address(false, "nobody.invalid", 80, ""), "a", "/", Map.of(), Duration.ofSeconds(5), false);
        assertThat(Exchange.send(request)).isEqualTo(new Outcome.Failed("host not found"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://order:8080, http://order:8080, ''",
        "order, http://order, ''",
        "10.0.0.7:80, http://10.0.0.7, ''",
        "https://shop.example/a?b=c, https://shop.example, /a?b=c",
        "HTTP://[::1]:8080/, http://[::1]:8080, /",
        "https://a:443?x, https://a, /?x"
    })
    void addresses(String typed, String text, String path) {
        Address address = ((Reading.Value<Address>) Address.read(typed)).value();
        assertThat(address.text()).isEqualTo(text);
        assertThat(address.path()).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource({"localhost, true", "127.0.0.1:80, true", "[::1]:80, true", "shop.example, false", "order:8080, false"})
    void whatNamesNoHost(String typed, boolean nameless) {
        assertThat(((Reading.Value<Address>) Address.read(typed)).value().nameless())
                .isEqualTo(nameless);
    }
}
