// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.junit.CanaryClusterExtension;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.watch.MeshStandIn;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives each test its [Story] and fails it when the recorder saw an invariant broken. One played mesh serves all.
final class StoryExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(StoryExtension.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        var _ = story(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Story story = story(context);
        try {
            if (context.getExecutionException().isEmpty()) {
                story.recorder().assertClean();
            }
        } finally {
            story.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Story.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return story(context);
    }

    private static Story story(ExtensionContext context) {
        Cluster cluster = CanaryClusterExtension.cluster(context);
        MeshStandIn mesh = context.getRoot()
                .getStore(STORE)
                .computeIfAbsent(
                        MeshStandIn.class,
                        _ -> MeshStandIn.start(cluster.controlPlane().client()),
                        MeshStandIn.class);
        return context.getStore(STORE).computeIfAbsent(Story.class, _ -> Story.begin(cluster, mesh), Story.class);
    }
}
