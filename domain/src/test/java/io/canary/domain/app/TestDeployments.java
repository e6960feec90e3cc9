// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        return rebuilt(facts.name(), labels, facts.annotations(), selector, templateLabels, facts.replicas());
    }

    public TestDeployments templateLabel(String key, String value) {
        return labels(facts.labels(), facts.selector(), plus(facts.templateLabels(), key, value));
    }

    public TestDeployments replicas(int replicas) {
        return rebuilt(
                facts.name(), facts.labels(), facts.annotations(), facts.selector(), facts.templateLabels(), replicas);
    }

    /// With containers of these images, of which the facts keep those that fix a tag.
    public TestDeployments images(String... images) {
        return rebuilt(ImageReference.kept(List.of(images)), facts.deleting(), facts.controller());
    }

    public TestDeployments named(String name) {
        return rebuilt(
                name, facts.labels(), facts.annotations(), facts.selector(), facts.templateLabels(), facts.replicas());
    }

    public TestDeployments owned(String controller) {
        return rebuilt(facts.images(), facts.deleting(), controller);
    }

    /// With a deletionTimestamp: finalizers keep it.
    public TestDeployments deleting() {
        return rebuilt(facts.images(), true, facts.controller());
    }

    private TestDeployments rebuilt(List<String> images, boolean deleting, @Nullable String controller) {
        return new TestDeployments(new DeploymentFacts(
                facts.namespace(),
                facts.name(),
                facts.uid(),
                facts.created(),
                facts.labels(),
                facts.annotations(),
                facts.selector(),
                facts.templateLabels(),
                facts.replicas(),
                facts.templateHash(),
                images,
                facts.progressDeadline(),
                facts.paused(),
                deleting,
                controller,
                facts.tool()));
    }

    /// With another pod template.
    public TestDeployments hash(String templateHash) {
        return new TestDeployments(new DeploymentFacts(
                facts.namespace(),
                facts.name(),
                facts.uid(),
                facts.created(),
                facts.labels(),
                facts.annotations(),
                facts.selector(),
                facts.templateLabels(),
                facts.replicas(),
                templateHash,
                facts.images(),
                facts.progressDeadline(),
                facts.paused(),
                facts.deleting(),
                facts.controller(),
                facts.tool()));
    }

    /// As version of `order`, with `ready` endpoints in the root Service.
    public Version version(int ready) {
        VersionName name = VersionName.of("order", facts);
        return new Version(facts, name.name(), name.labelled(), ready, ready, null);
    }

    public TestDeployments annotated(Map<String, String> annotations) {
        return rebuilt(
                facts.name(), facts.labels(), annotations, facts.selector(), facts.templateLabels(), facts.replicas());
    }

    private TestDeployments rebuilt(
            String name,
            Map<String, String> labels,
            Map<String, String> annotations,
            Map<String, String> selector,
            Map<String, String> templateLabels,
            int replicas) {
        return new TestDeployments(new DeploymentFacts(
                facts.namespace(),
                name,
                facts.uid(),
                facts.created(),
                labels,
                annotations,
                selector,
                templateLabels,
                replicas,
                facts.templateHash(),
                facts.images(),
                facts.progressDeadline(),
                facts.paused(),
                facts.deleting(),
                facts.controller(),
                facts.tool()));
    }

    private static Map<String, String> plus(Map<String, String> map, String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(map);
        more.put(key, value);
        return more;
    }
}
