// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What decisions read of a Deployment.
///
/// @param uid empty before the API server gave one (at CREATE)
/// @param annotations all that start with `canary.io/`; others are not kept
/// @param selector `spec.selector.matchLabels`
/// @param templateLabels `spec.template.metadata.labels`
/// @param replicas `spec.replicas`, 1 where absent
/// @param templateHash changes when the pod template does
/// @param images of its containers, as they are written ([ImageReference#kept])
/// @param progressDeadline `spec.progressDeadlineSeconds`, 600 s where absent
/// @param paused `spec.paused`
/// @param deleting whether `metadata.deletionTimestamp` is set
/// @param controller `Kind/name` of the owner that controls it
/// @param tool what else runs it
/// @param scaledBy the field manager that last wrote `spec.replicas` otherwise than us, or null
public record DeploymentFacts(
        String namespace,
        String name,
        String uid,
        Instant created,
        Map<String, String> labels,
        Map<String, String> annotations,
        Map<String, String> selector,
        Map<String, String> templateLabels,
        int replicas,
        String templateHash,
        List<String> images,
        Duration progressDeadline,
        boolean paused,
        boolean deleting,
        @Nullable String controller,
        @Nullable OtherTool tool,
        @Nullable String scaledBy) {
    public DeploymentFacts {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        selector = Map.copyOf(selector);
        templateLabels = Map.copyOf(templateLabels);
        images = List.copyOf(images);
    }

    /// This Deployment with other annotations.
    public DeploymentFacts with(Map<String, String> other) {
        return copy(other, replicas, scaledBy);
    }

    /// This Deployment with another `spec.replicas`, which we wrote.
    public DeploymentFacts scaled(int count) {
        return copy(annotations, count, null);
    }

    private DeploymentFacts copy(Map<String, String> otherAnnotations, int otherReplicas, @Nullable String otherOwner) {
        return new DeploymentFacts(
                namespace,
                name,
                uid,
                created,
                labels,
                otherAnnotations,
                selector,
                templateLabels,
                otherReplicas,
                templateHash,
                images,
                progressDeadline,
                paused,
                deleting,
                controller,
                tool,
                otherOwner);
    }

    /// The value of `key`, or null.
    public @Nullable String get(CanaryKey key) {
        return annotations.get(key.text());
    }

    /// The weight it asks for, in basis points: 0 where the annotation is absent, spent or not readable.
    public int askedBasisPoints() {
        String value = get(CanaryKey.WEIGHT);
        if (value == null || value.equals(get(CanaryKey.SPENT))) {
            return 0;
        }
        return Weight.parse(value).map(Weight::basisPoints).orElse(0);
    }

    /// Whether it takes part in a release: a key of the user's or our `canary.io/app` (design section 1).
    public boolean takesPart() {
        return CanaryKey.anyOfUsers(annotations) || CanaryKey.APP.isIn(annotations);
    }
}
