// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/// The text of a kubeconfig with everything inside, for one user of the cluster.
final class Kubeconfig {
    private Kubeconfig() {}

    static String of(ClusterUser user, TestAuthority.Credentials credentials, String authority) {
        return """
                apiVersion: v1
                kind: Config
                current-context: testbed
                clusters:
                - name: testbed
                  cluster:
                    server: %s
                    certificate-authority-data: %s
                users:
                - name: %s
                  user:
                    client-certificate-data: %s
                    client-key-data: %s
                contexts:
                - name: testbed
                  context:
                    cluster: testbed
                    user: %s
                """.formatted(
                        Addresses.API_SERVER,
                        base64(authority),
                        user.name(),
                        base64(credentials.certificate()),
                        base64(credentials.key()),
                        user.name());
    }

    /// What an API server shows to the hooks that it calls, whatever their name is.
    static String ofHookCaller(TestAuthority.Credentials credentials) {
        return """
                apiVersion: v1
                kind: Config
                users:
                - name: "*"
                  user:
                    client-certificate-data: %s
                    client-key-data: %s
                """.formatted(base64(credentials.certificate()), base64(credentials.key()));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
