// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Fingerprint;
import io.canary.domain.app.ImageReference;
import io.canary.domain.json.FieldWrite;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads Deployments.
public final class Deployments {
    private static final int DEFAULT_PROGRESS_DEADLINE = 600;
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private Deployments() {}

    public static DeploymentFacts facts(Deployment deployment) {
        return facts(deployment, null);
    }

    /// The facts of `deployment`.
    ///
    /// @param templateHash of the same template, where it is known already: it costs most of the work
    public static DeploymentFacts facts(Deployment deployment, @Nullable String templateHash) {
        DeploymentSpec spec = deployment.getSpec() == null ? new DeploymentSpec() : deployment.getSpec();
        PodTemplateSpec template = spec.getTemplate();
        ObjectMeta templateMeta = template == null ? null : template.getMetadata();
        LabelSelector selector = spec.getSelector();
        Integer replicas = spec.getReplicas();
        Integer deadline = spec.getProgressDeadlineSeconds();
        return new DeploymentFacts(
                Metas.namespace(deployment),
                Metas.name(deployment),
                Metas.uid(deployment),
                Metas.created(deployment),
                Metas.labels(deployment),
                Metas.canaryAnnotations(deployment),
                Metas.present(selector == null ? null : selector.getMatchLabels()),
                Metas.present(templateMeta == null ? null : templateMeta.getLabels()),
                replicas == null ? 1 : replicas,
                templateHash == null ? hash(template) : templateHash,
                images(template),
                Duration.ofSeconds(deadline == null ? DEFAULT_PROGRESS_DEADLINE : deadline),
                Boolean.TRUE.equals(spec.getPaused()),
                Metas.deleting(deployment),
                Metas.controller(deployment),
                Metas.tool(deployment, Map.of()),
                FieldWrite.lastOfOthers(Metas.managedFields(deployment).stream()
                        .filter(Deployments::ofReplicas)
                        .map(Metas::write)
                        .toList()));
    }

    private static boolean ofReplicas(ManagedFieldsEntry entry) {
        return entry.getFieldsV1() != null
                && entry.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
                && spec.containsKey("f:replicas");
    }

    private static List<String> images(@Nullable PodTemplateSpec template) {
        PodSpec pod = template == null ? null : template.getSpec();
        if (pod == null || pod.getContainers() == null) {
            return List.of();
        }
        return ImageReference.kept(
                Stream.concat(pod.getContainers().stream(), Metas.present(pod.getInitContainers()).stream())
                        .map(Container::getImage)
                        .filter(Objects::nonNull)
                        .toList());
    }

    private static String hash(@Nullable PodTemplateSpec template) {
        return Fingerprint.of(template == null ? null : JSON.convertValue(template, Map.class));
    }
}
