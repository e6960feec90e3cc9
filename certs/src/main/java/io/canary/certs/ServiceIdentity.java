// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.util.List;
import java.util.regex.Pattern;

/// The Service that a serving certificate speaks for, and the names by which it is called.
public record ServiceIdentity(String service, String namespace) {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    public ServiceIdentity {
        requireLabel("service", service);
        requireLabel("namespace", namespace);
    }

    /// The name under which the API server calls the Service.
    public String dnsName() {
        return service + "." + namespace + ".svc";
    }

    /// All names of the serving certificate; the authority may sign for nothing else.
    public List<String> dnsNames() {
        return List.of(dnsName(), dnsName() + ".cluster.local");
    }

    private static void requireLabel(String what, String value) {
        if (!LABEL.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "%s \"%s\" is not a DNS label of at most 63 characters".formatted(what, value));
        }
    }
}
