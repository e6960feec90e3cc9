// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;

/// The custom resources that the observers read, without any model classes of them.
final class Kinds {
    static final ResourceDefinitionContext HTTP_ROUTE = kind("gateway.networking.k8s.io", "HTTPRoute", "httproutes");
    static final ResourceDefinitionContext GRPC_ROUTE = kind("gateway.networking.k8s.io", "GRPCRoute", "grpcroutes");
    static final ResourceDefinitionContext RELEASE = kind("canary.io", "Release", "releases");
    static final List<ResourceDefinitionContext> ROUTES = List.of(HTTP_ROUTE, GRPC_ROUTE);

    private Kinds() {}

    static ResourceDefinitionContext kind(String group, String kind, String plural) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion("v1")
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }
}
