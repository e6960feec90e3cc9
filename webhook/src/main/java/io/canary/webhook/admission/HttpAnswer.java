// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

/// One HTTP response: status, media type, bytes, and for metrics a word for what was decided (few distinct values).
///
/// @param elsewhere whether another process may answer better: the client is asked to take another connection
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record HttpAnswer(int status, String contentType, byte[] body, String decision, boolean elsewhere) {
    public HttpAnswer(int status, String contentType, byte[] body, String decision) {
        this(status, contentType, body, decision, false);
    }

    /// A response without an admission review: the request never became one.
    public static HttpAnswer refused(int status, String sentence) {
        return new HttpAnswer(status, "text/plain; charset=utf-8", (sentence + "\n").getBytes(UTF_8), "http-" + status);
    }
}
