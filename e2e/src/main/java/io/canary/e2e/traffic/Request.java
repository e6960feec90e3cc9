// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import java.util.LinkedHashMap;
import java.util.Map;

/// What a test's client asks for: HTTP/1.1 `GET`, or a unary gRPC call with an empty message.
///
/// @param path of a call: `/package.Service/Method`
public record Request(String host, String path, Map<String, String> headers, boolean grpc) {
    public Request {
        headers = Map.copyOf(headers);
    }

    /// `GET /`.
    public static Request to(String host) {
        return new Request(host, "/", Map.of(), false);
    }

    /// @param service with its package: `shop.Orders`
    public static Request call(String host, String service, String method) {
        return new Request(host, "/" + service + "/" + method, Map.of(), true);
    }

    public Request at(String otherPath) {
        return new Request(host, otherPath, headers, grpc);
    }

    public Request with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Request(host, path, more, grpc);
    }

    /// Adds a cookie to those that it has.
    public Request cookie(String name, String value) {
        var before = headers.get("cookie");
        return with("cookie", (before == null ? "" : before + "; ") + name + "=" + value);
    }
}
