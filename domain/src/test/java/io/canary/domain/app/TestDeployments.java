// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Deployments for tests, made by saying only what matters: `TestDeployments.order("v2").with("weight", "10")`.
public record TestDeployments(DeploymentFacts facts) {
    /// Deployment `order-<version>` with pods labelled `app: order, version: <version>` and 10 replicas.
    public static TestDeployments order(String version) {
        return of("order", version).label("version", version);
    }

    /// Deployment `<app>-<version>` without a version label.
    public static TestDeployments of(String app, String version) {
        int age = version.matches("v[0-9]") ? version.charAt(1) - '0' : 0;
        return new TestDeployments(new DeploymentFacts(
                "shop",
                app + "-" + version,
                "uid-" + version,
                Instant.parse("2026-01-01T00:00:00Z").plusSeconds(60L * age),
                Map.of("app", app),
                Map.of(),
                Map.of("app", app),
                Map.of("app", app),
                10,
                "hash",
                List.of(),
                Duration.ofMinutes(10),
                false,
                false,
                null,
                null,
                null));
    }

    /// With the annotation `canary.io/<key>`.
    public TestDeployments with(String key, String value) {
        return annotated(plus(facts.annotations(), CanaryKey.PREFIX + key, value));
    }

    /// Without the annotation `canary.io/<key>`.
    public TestDeployments without(String key) {
        Map<String, String> annotations = new LinkedHashMap<>(facts.annotations());
        annotations.remove(CanaryKey.PREFIX + key);
        return annotated(annotations);
    }

    /// With a label in metadata, selector and pod template.
    public TestDeployments label(String key, String value) {
        return labels(
                plus(facts.labels(), key, value),
                plus(facts.selector(), key, value),
                plus(facts.templateLabels(), key, value));
    }

    public TestDeployments labels(
            Map<String, String> labels, Map<String, String> selector, Map<String, String> templateLabels) {
        return changed(draft -> {
            draft.labels = labels;
            draft.selector = selector;
            draft.templateLabels = templateLabels;
        });
    }

    public TestDeployments templateLabel(String key, String value) {
        return labels(facts.labels(), facts.selector(), plus(facts.templateLabels(), key, value));
    }

    public TestDeployments replicas(int replicas) {
        return changed(draft -> draft.replicas = replicas);
    }

    /// With containers of these images, of which the facts keep those that fix a tag.
    public TestDeployments images(String... images) {
        return changed(draft -> draft.images = ImageReference.kept(List.of(images)));
    }

    public TestDeployments uid(String uid) {
        return changed(draft -> draft.uid = uid);
    }

    public TestDeployments named(String name) {
        return changed(draft -> draft.name = name);
    }

    public TestDeployments owned(String controller) {
        return changed(draft -> draft.controller = controller);
    }

    /// With a deletionTimestamp: finalizers keep it.
    public TestDeployments deleting() {
        return changed(draft -> draft.deleting = true);
    }

    /// With another pod template.
    public TestDeployments hash(String templateHash) {
        return changed(draft -> draft.templateHash = templateHash);
    }

    public TestDeployments annotated(Map<String, String> annotations) {
        return changed(draft -> draft.annotations = annotations);
    }

    /// As version of `order`, with `ready` endpoints in the root Service.
    public Version version(int ready) {
        VersionName name = VersionName.of("order", facts);
        return new Version(facts, name.name(), name.labelled(), ready, ready, null);
    }

    private TestDeployments changed(Consumer<Draft> change) {
        Draft draft = new Draft(facts);
        change.accept(draft);
        return new TestDeployments(draft.facts());
    }

    private static final class Draft {
        private final DeploymentFacts from;
        private String name;
        private String uid;
        private Map<String, String> labels;
        private Map<String, String> annotations;
        private Map<String, String> selector;
        private Map<String, String> templateLabels;
        private int replicas;
        private String templateHash;
        private List<String> images;
        private boolean deleting;
        private @Nullable String controller;

        private Draft(DeploymentFacts from) {
            this.from = from;
            name = from.name();
            uid = from.uid();
            labels = from.labels();
            annotations = from.annotations();
            selector = from.selector();
            templateLabels = from.templateLabels();
            replicas = from.replicas();
            templateHash = from.templateHash();
            images = from.images();
            deleting = from.deleting();
            controller = from.controller();
        }

        private DeploymentFacts facts() {
            return new DeploymentFacts(
                    from.namespace(),
                    name,
                    uid,
                    from.created(),
                    labels,
                    annotations,
                    selector,
                    templateLabels,
                    replicas,
                    templateHash,
                    images,
                    from.progressDeadline(),
                    from.paused(),
                    deleting,
                    controller,
                    from.tool(),
                    from.scaledBy());
        }
    }

    private static Map<String, String> plus(Map<String, String> map, String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(map);
        more.put(key, value);
        return more;
    }
}
