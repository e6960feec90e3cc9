// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

/// One HTTP response: status, media type, bytes, and for metrics a word for what was decided (few distinct values).
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record HttpAnswer(int status, String contentType, byte[] body, String decision) {
    /// A response without an admission review: the request never became one.
    public static HttpAnswer refused(int status, String sentence) {
        return new HttpAnswer(status, "text/plain; charset=utf-8", (sentence + "\n").getBytes(UTF_8), "http-" + status);
    }
}
