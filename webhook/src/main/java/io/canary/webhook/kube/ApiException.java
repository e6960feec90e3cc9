// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A request that the API server refused, or that got no answer.
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int NO_ANSWER = 0;

    private final int code;
    private final String reason;
    private final String cause;
    private final transient @Nullable Duration retryAfter;

    ApiException(String message, Throwable thrown) {
        super(message, thrown);
        this.code = NO_ANSWER;
        this.reason = "";
        this.cause = "";
        this.retryAfter = null;
    }

    public ApiException(int code, String reason, String cause, String message, @Nullable Duration retryAfter) {
        super(code + " " + reason + ": " + message);
        this.code = code;
        this.reason = reason;
        this.cause = cause;
        this.retryAfter = retryAfter;
    }

    /// The HTTP status, 0 where there was no answer.
    public int code() {
        return code;
    }

    /// Whether the object is no longer as the request supposed.
    public boolean conflict() {
        return code == 409;
    }

    public boolean notFound() {
        return code == 404;
    }

    /// Whether a retry of the same request has no sense before someone changes something: rights, quota, validity.
    public boolean refused() {
        return code == 403 || code == 422 || code == 400;
    }

    /// Whether the namespace goes away: nothing can be created in it any more.
    public boolean namespaceTerminating() {
        return code == 403 && cause.equals("NamespaceTerminating");
    }

    public String reason() {
        return reason;
    }

    /// How long the API server asks us to wait, or null.
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
