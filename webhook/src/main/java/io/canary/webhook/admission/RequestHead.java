// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What can be said about a request before its body is read.
sealed interface RequestHead {
    /// A body of an admissible size and type may follow.
    record Expected(Hook hook, String contentType) implements RequestHead {}

    /// Answered at once, the body is never looked at.
    record Refused(HttpAnswer answer) implements RequestHead {}

    static RequestHead of(HttpMethod method, String path, MultiMap headers, int bodyBytes) {
        Hook hook = Hook.at(path).orElse(null);
        String contentType = headers.get(HttpHeaders.CONTENT_TYPE);
        if (hook == null) {
            return refused(404, "nothing is served here; the hooks are /mutate and /validate");
        }
        if (!method.equals(HttpMethod.POST)) {
            return refused(405, "a hook takes POST only");
        }
        if (headers.contains(HttpHeaders.CONTENT_ENCODING)) {
            return refused(415, "a compressed body is not read; send it without Content-Encoding");
        }
        if (contentType == null || !isJson(contentType)) {
            return refused(415, "a hook takes application/json only, in UTF-8");
        }
        if (isLonger(headers.get(HttpHeaders.CONTENT_LENGTH), bodyBytes)) {
            return tooLarge(bodyBytes);
        }
        return new Expected(hook, contentType);
    }

    static Refused tooLarge(int bodyBytes) {
        return refused(413, "the body is larger than %d bytes".formatted(bodyBytes));
    }

    private static Refused refused(int status, String sentence) {
        return new Refused(HttpAnswer.refused(status, sentence));
    }

    /// Accepts `application/json`, alone or with `charset=utf-8`.
    private static boolean isJson(String contentType) {
        String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
        if (!parts[0].strip().equals("application/json") || parts.length > 2) {
            return false;
        }
        return parts.length == 1 || parts[1].strip().replace("\"", "").equals("charset=utf-8");
    }

    /// The length is digits (the HTTP codec refuses anything else); 18 of them fit a long.
    private static boolean isLonger(@Nullable String contentLength, int limit) {
        return contentLength != null && (contentLength.length() > 18 || Long.parseLong(contentLength) > limit);
    }
}
