// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.http;

import io.canary.domain.verify.Reply;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads one HTTP/1.1 response (RFC 9112): its length by `Transfer-Encoding`, else by `Content-Length`, else until the
/// connection ends. A body is read up to [#BODY] bytes; more of it nobody needs.
final class ResponseReader {
    static final int BODY = 1 << 20;

    /// Of all header lines together.
    static final int HEAD = 1 << 16;

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[0-9] ([1-5][0-9]{2})(?: .*)?");
    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,8})[ \\t]*(?:;.*)?");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    /// What came is no HTTP response, or no whole one.
    static final class NotHttpException extends IOException {
        private static final long serialVersionUID = 1;

        NotHttpException(String message) {
            super(message);
        }
    }

    private final InputStream in;
    private int head;
    private boolean begun;

    ResponseReader(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    Reply read() throws IOException {
        while (true) {
            int status = status();
            Map<String, String> headers = headers();
            if (status >= 200) {
                return new Reply(status, headers, body(status, headers));
            }
            // An interim response, as 103: the one that counts follows.
        }
    }

    private int status() throws IOException {
        String line = line();
        Matcher status = STATUS.matcher(line);
        if (!status.matches()) {
            throw new NotHttpException("the answer is not HTTP/1.1");
        }
        return Integer.parseInt(status.group(1));
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
                headers.merge(name, line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
            }
        }
        return headers;
    }

    /// A line without its end.
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new NotHttpException(begun ? "the answer was cut off" : "no answer");
            }
            begun = true;
            if (++head > HEAD) {
                throw new NotHttpException("the answer's headers are too long");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private String body(int status, Map<String, String> headers) throws IOException {
        if (status == 204 || status == 304) {
            return "";
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String coding = headers.getOrDefault("transfer-encoding", "").toLowerCase(Locale.ROOT);
        String length = headers.get("content-length");
        if (coding.endsWith("chunked")) {
            chunks(body);
        } else if (length == null) {
            body.writeBytes(in.readNBytes(BODY));
        } else if (LENGTH.matcher(length).matches()) {
            part(body, Long.parseLong(length));
        } else {
            throw new NotHttpException("the answer's Content-Length is no number");
        }
        return body.toString(StandardCharsets.UTF_8);
    }

    private void chunks(ByteArrayOutputStream body) throws IOException {
        while (body.size() < BODY) {
            head = 0;
            Matcher size = CHUNK.matcher(line());
            if (!size.matches()) {
                throw new NotHttpException("the answer was cut off");
            }
            long length = Long.parseLong(size.group(1), 16);
            if (length == 0) {
                return; // trailers tell nothing that is needed
            }
            part(body, length);
            if (body.size() < BODY) {
                line();
            }
        }
    }

    /// The next `length` bytes, no more than there is room for.
    private void part(ByteArrayOutputStream body, long length) throws IOException {
        int wanted = (int) Math.min(length, BODY - body.size());
        byte[] bytes = in.readNBytes(wanted);
        if (bytes.length < wanted) {
            throw new NotHttpException("the answer was cut off");
        }
        body.writeBytes(bytes);
    }
}
