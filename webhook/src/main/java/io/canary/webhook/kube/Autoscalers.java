// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.Version;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;

/// Reads HorizontalPodAutoscalers; KEDA makes one for each ScaledObject, so those are seen too.
public final class Autoscalers {
    private Autoscalers() {}

    /// An autoscaler with the Deployment it scales.
    ///
    /// @param deployment empty where it scales something else
    public record Target(String deployment, Version.Autoscaler autoscaler) {}

    public static Target facts(HorizontalPodAutoscaler hpa) {
        CrossVersionObjectReference ref =
                hpa.getSpec() == null ? null : hpa.getSpec().getScaleTargetRef();
        boolean deployment = ref != null
                && "Deployment".equals(ref.getKind())
                && Metas.orEmpty(ref.getApiVersion()).startsWith("apps/");
        Integer min = hpa.getSpec() == null ? null : hpa.getSpec().getMinReplicas();
        return new Target(
                ref != null && deployment ? Metas.orEmpty(ref.getName()) : "",
                new Version.Autoscaler(Metas.name(hpa), min == null ? 1 : Math.max(1, min)));
    }
}
