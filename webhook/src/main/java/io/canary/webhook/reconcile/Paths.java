// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.RouteKind;
import io.canary.webhook.kube.Releases;
import io.canary.webhook.kube.Routes;

/// Where the objects that we write are in the API.
final class Paths {
    private Paths() {}

    static String service(String namespace, String name) {
        return "/api/v1/namespaces/" + namespace + "/services/" + name;
    }

    static String deployment(String namespace, String name) {
        return "/apis/apps/v1/namespaces/" + namespace + "/deployments/" + name;
    }

    static String endpointSlice(String namespace, String name) {
        return "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices/" + name;
    }

    static String scale(String namespace, String name) {
        return deployment(namespace, name) + "/scale";
    }

    static String route(String namespace, RouteKind kind, String name) {
        return "/apis/" + Routes.API_VERSION + "/namespaces/" + namespace + "/" + kind.plural() + "/" + name;
    }

    static String releases(String namespace) {
        return "/apis/" + Releases.API_VERSION + "/namespaces/" + namespace + "/releases";
    }

    static String release(String namespace, String name) {
        return releases(namespace) + "/" + name;
    }
}
