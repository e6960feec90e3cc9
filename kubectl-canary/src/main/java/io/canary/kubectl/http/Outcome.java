// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.http;

import io.canary.domain.verify.Reply;

/// What became of one request.
public sealed interface Outcome {
    /// A whole response came, whatever its status.
    record Answered(Reply reply) implements Outcome {}

    /// None came.
    ///
    /// @param kind the same text for all that failed alike: `timed out`, `connection refused`
    record Failed(String kind) implements Outcome {}
}
