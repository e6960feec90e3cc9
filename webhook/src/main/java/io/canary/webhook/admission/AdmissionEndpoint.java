// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

/// Turns the body of an admission request into the response to send.
@FunctionalInterface
public interface AdmissionEndpoint {
    /// Called on a virtual thread, several at a time; may wait for the API server.
    ///
    /// @param contentType the request's media type, `application/json` with or without parameters
    /// @param body at most [AdmissionLimits#bodyBytes()] bytes
    HttpAnswer answer(Hook hook, String contentType, byte[] body);
}
