// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.canary.certs.Credentials;
import io.canary.certs.ServiceIdentity;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.util.Set;

/// Calls our own hooks as the API server will, over TLS and through all layers, so that its first call is fast.
///
/// A server that asks clients for a certificate is shown our own serving certificate: see [ClientCheck].
public final class WarmUp {
    private final Vertx vertx;
    private final ServiceIdentity identity;
    private final SocketAddress server;

    public WarmUp(Vertx vertx, ServiceIdentity identity, String host, int port) {
        this.vertx = vertx;
        this.identity = identity;
        this.server = SocketAddress.inetSocketAddress(port, host);
    }

    /// Sends `rounds` requests to each hook and waits for the answers; fails unless all are 200.
    public void run(Credentials credentials, int rounds) {
        ClientSSLOptions tls = new ClientSSLOptions()
                .setHostnameVerificationAlgorithm("HTTPS")
                .setKeyCertOptions(KeyCertOptions.wrap(new LeafKey(credentials)))
                .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(credentials.bundle())))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
        HttpClientConfig config =
                new HttpClientConfig().setVersions(HttpVersion.HTTP_1_1).setSsl(true);
        HttpClientAgent client = vertx.createHttpClient(config, tls);
        try {
            for (int round = 0; round < rounds; round++) {
                for (Hook hook : Hook.values()) {
                    call(client, hook);
                }
            }
        } finally {
            client.close().await();
        }
    }

    private void call(HttpClientAgent client, Hook hook) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setServer(server)
                .setHost(identity.dnsName())
                .setPort(443)
                .setURI(hook.path())
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        int status = client.request(options)
                .compose(request -> request.send(Buffer.buffer(REVIEW.getBytes(UTF_8))))
                .compose(response -> response.body().map(response.statusCode()))
                .await();
        if (status != 200) {
            throw new IllegalStateException("our own request to %s was answered %d".formatted(hook.path(), status));
        }
    }

    /// A new version of an app that does not exist, as a dry run.
    static final String REVIEW = """
            {
              "apiVersion": "admission.k8s.io/v1",
              "kind": "AdmissionReview",
              "request": {
                "uid": "00000000-0000-4000-8000-000000000000",
                "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
                "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
                "requestKind": {"group": "apps", "version": "v1", "kind": "Deployment"},
                "requestResource": {"group": "apps", "version": "v1", "resource": "deployments"},
                "name": "warm-up-v1",
                "namespace": "canary-warm-up",
                "operation": "CREATE",
                "userInfo": {"username": "canary-warm-up", "groups": ["system:authenticated"]},
                "object": {
                  "apiVersion": "apps/v1",
                  "kind": "Deployment",
                  "metadata": {
                    "name": "warm-up-v1",
                    "namespace": "canary-warm-up",
                    "labels": {"app": "warm-up", "version": "v1"},
                    "annotations": {"canary.io/weight": "10"}
                  },
                  "spec": {
                    "replicas": 0,
                    "selector": {"matchLabels": {"app": "warm-up", "version": "v1"}},
                    "template": {
                      "metadata": {"labels": {"app": "warm-up", "version": "v1"}},
                      "spec": {"containers": [{"name": "warm-up", "image": "warm-up:1"}]}
                    }
                  }
                },
                "oldObject": null,
                "dryRun": true,
                "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"}
              }
            }
            """;
}
