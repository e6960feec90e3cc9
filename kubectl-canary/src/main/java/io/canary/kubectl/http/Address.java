// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.http;

import io.canary.domain.app.Names;
import io.canary.domain.route.Reading;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Where requests are sent.
///
/// @param tls whether by https
/// @param host a name or an address; one of IPv6 without brackets
/// @param port 1 to 65535
/// @param path with the query, as it goes into the request: from `/` on; empty where none was given
public record Address(boolean tls, String host, int port, String path) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /// Reads `http://host:port`, `https://host/path?query` or `host:port`.
    public static Reading<Address> read(String text) {
        URI uri;
        try {
            uri = new URI(text.contains("://") ? text : "http://" + text);
        } catch (URISyntaxException e) {
            return wrong(text, "cannot be read: " + e.getReason());
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            return wrong(text, "is neither http nor https");
        }
        String host = uri.getHost();
        if (host == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            return wrong(text, "is not http://HOST:PORT");
        }
        boolean tls = scheme.equals("https");
        int port = uri.getPort() < 0 ? (tls ? HTTPS : HTTP) : uri.getPort();
        if (port < 1 || port > 65_535) {
            return wrong(text, "has no port that there is");
        }
        String path = String.valueOf(uri.getRawPath()) + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        return new Reading.Value<>(new Address(
                tls,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port,
                path.startsWith("?") ? "/" + path : path));
    }

    private static Reading<Address> wrong(String text, String why) {
        return new Reading.Wrong<>(Names.quoted(text) + " " + why, "--address=http://10.0.0.7:80");
    }

    /// Whether its host says nothing of which host is meant: an address, or this machine, as with a port-forward.
    public boolean nameless() {
        return host.equals("localhost") || host.contains(":") || host.matches("[0-9.]+");
    }

    /// As in a `Host` header: without the port where it is the usual one.
    public String authority() {
        String name = host.contains(":") ? "[" + host + "]" : host;
        return port == (tls ? HTTPS : HTTP) ? name : name + ":" + port;
    }

    /// As it is typed, without a path.
    public String text() {
        return (tls ? "https://" : "http://") + authority();
    }
}
