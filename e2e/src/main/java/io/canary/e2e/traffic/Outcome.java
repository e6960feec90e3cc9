// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// What became of one request.
public sealed interface Outcome {
    /// When it was sent.
    Instant at();

    /// From then until the answer was complete, or the failure certain.
    Duration took();

    /// A pod answered: status 200, gRPC status 0.
    ///
    /// @param sent the headers with which the request arrived at the pod; empty for a gRPC call
    /// @param headers those of the answer as the client has it
    record Answered(
            Instant at,
            Duration took,
            String app,
            String version,
            String pod,
            Map<String, String> sent,
            Map<String, String> headers)
            implements Outcome {
        public Answered {
            sent = Map.copyOf(sent);
            headers = Map.copyOf(headers);
        }
    }

    /// Any other status, a connection that broke, or no answer in time.
    ///
    /// @param reason begins with `status <HTTP status>` or `grpc-status <number>` where an answer came
    record Failed(Instant at, Duration took, String reason) implements Outcome {}
}
