// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.http;

import java.time.Duration;
import java.util.Map;

/// A `GET` that is sent again and again.
///
/// @param host the `Host` header
/// @param path with the query, from `/` on
/// @param headers further ones
/// @param timeout for all of one request, from connecting to the end of the body
/// @param trusting whether any certificate will do
public record Request(
        Address address, String host, String path, Map<String, String> headers, Duration timeout, boolean trusting) {
    public Request {
        headers = Map.copyOf(headers);
    }

    String text() {
        StringBuilder text = new StringBuilder()
                .append("GET ")
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(host)
                .append("\r\nUser-Agent: kubectl-canary\r\nAccept: */*\r\nConnection: close\r\n");
        headers.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        return text.append("\r\n").toString();
    }

    /// The name that a certificate must have: that of `Host`, as curl's `--connect-to` has it.
    String serverName() {
        String name = host.replaceFirst(":[0-9]*$", "");
        return name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    }
}
