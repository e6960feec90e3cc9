// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.webhook.kube.HttpRoutes;
import io.canary.webhook.kube.Releases;

/// Where the objects that we write are in the API.
final class Paths {
    private Paths() {}

    static String service(String namespace, String name) {
        return "/api/v1/namespaces/" + namespace + "/services/" + name;
    }

    static String deployment(String namespace, String name) {
        return "/apis/apps/v1/namespaces/" + namespace + "/deployments/" + name;
    }

    static String scale(String namespace, String name) {
        return deployment(namespace, name) + "/scale";
    }

    static String route(String namespace, String name) {
        return "/apis/" + HttpRoutes.API_VERSION + "/namespaces/" + namespace + "/httproutes/" + name;
    }

    static String release(String namespace, String name) {
        return "/apis/" + Releases.API_VERSION + "/namespaces/" + namespace + "/releases/" + name;
    }
}
