// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import java.time.Instant;
import java.util.Map;

/// A request as it arrived at a pod.
///
/// @param protocol `HTTP_1_1` or `HTTP_2`
/// @param headers in lower case; of several with one name, all values with a comma between
public record Served(
        Instant at,
        String namespace,
        String app,
        String version,
        String pod,
        String protocol,
        String method,
        String host,
        String path,
        Map<String, String> headers) {
    public Served {
        headers = Map.copyOf(headers);
    }
}
