// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A request that the API server refused, or that got no answer.
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int NO_ANSWER = 0;
    private static final String NAMESPACE_TERMINATING = "NamespaceTerminating";

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

    /// What the API server says to a create in a namespace that goes away.
    public static ApiException terminating(String namespace) {
        return new ApiException(
                403, "Forbidden", NAMESPACE_TERMINATING, "namespace " + namespace + " is being terminated", null);
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

    /// Whether the request may have been carried out all the same: there was no answer, or one that leaves it open,
    /// as a 504 for what etcd took too long to confirm.
    public boolean unknown() {
        return code == NO_ANSWER || code >= 500;
    }

    /// Whether the namespace goes away: nothing can be created in it any more.
    public boolean namespaceTerminating() {
        return code == 403 && cause.equals(NAMESPACE_TERMINATING);
    }

    public String reason() {
        return reason;
    }

    /// How long the API server asks us to wait, or null.
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
