// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.testbed.CommandResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the product made or marked in a namespace and has not taken away.
final class Ours {
    private static final String PREFIX = "canary.io/";

    private Ours() {}

    /// Objects with our label, and every label or annotation of ours on others', as text.
    static List<String> left(Story story) {
        List<String> left = new ArrayList<>();
        CommandResult made = story.kubectl(
                "get", "services,httproutes,releases.canary.io", "--selector=canary.io/app", "--output=name");
        made.stdout().lines().forEach(left::add);
        left.addAll(story.kubectl("get", "releases.canary.io", "--output=name")
                .stdout()
                .lines()
                .toList());
        var client = story.cluster().client();
        var namespace = story.cluster().namespace();
        Stream.<HasMetadata>concat(
                        client.apps().deployments().inNamespace(namespace).list().getItems().stream(),
                        client.services().inNamespace(namespace).list().getItems().stream())
                .forEach(object -> Stream.of(
                                object.getMetadata().getAnnotations(),
                                object.getMetadata().getLabels())
                        .flatMap(Ours::keys)
                        .filter(key -> key.startsWith(PREFIX))
                        .forEach(key -> left.add(
                                object.getKind() + "/" + object.getMetadata().getName() + " " + key)));
        return left;
    }

    private static Stream<String> keys(@Nullable Map<String, String> map) {
        return map == null ? Stream.empty() : map.keySet().stream();
    }

    /// Waits until nothing is left.
    static void awaitGone(Story story) {
        awaitGone(story, Duration.ZERO);
    }

    /// The same, where the product itself waits for `delay` meanwhile.
    static void awaitGone(Story story, Duration delay) {
        story.awaitAfter(delay, "nothing of ours is left", () -> left(story).isEmpty());
    }
}
