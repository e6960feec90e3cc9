// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.plan.Step;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads Services and writes those of versions.
public final class Services {
    private static final String CLUSTER_IP = "ClusterIP";

    private Services() {}

    public static ServiceFacts facts(Service service) {
        ServiceSpec spec = service.getSpec() == null ? new ServiceSpec() : service.getSpec();
        return new ServiceFacts(
                Metas.namespace(service),
                Metas.name(service),
                Metas.uid(service),
                Metas.labels(service),
                Metas.canaryAnnotations(service),
                Metas.present(spec.getSelector()),
                orElse(spec.getType(), CLUSTER_IP),
                "None".equals(spec.getClusterIP()),
                "ClientIP".equals(spec.getSessionAffinity()),
                Metas.present(spec.getPorts()).stream().map(Services::port).toList(),
                Metas.present(spec.getIpFamilies()),
                orNull(spec.getIpFamilyPolicy()),
                Metas.deleting(service),
                Metas.tool(service, Metas.present(spec.getSelector())));
    }

    private static ServiceFacts.Port port(ServicePort port) {
        int number = port.getPort() == null ? 0 : port.getPort();
        return new ServiceFacts.Port(
                Metas.orEmpty(port.getName()),
                number,
                target(port.getTargetPort(), number),
                orElse(port.getProtocol(), "TCP"),
                orNull(port.getAppProtocol()));
    }

    // An empty text counts as absent, as it does for the API server's defaults.
    private static String orElse(@Nullable String text, String absent) {
        return text == null || text.isEmpty() ? absent : text;
    }

    private static @Nullable String orNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private static String target(@Nullable IntOrString target, int port) {
        return target == null || target.getValue() == null
                ? Integer.toString(port)
                : target.getValue().toString();
    }

    /// The whole Service that `step` wants, for server-side apply.
    public static Map<String, Object> wanted(String namespace, Step.EnsureService step) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("type", CLUSTER_IP);
        spec.put("selector", step.selector());
        spec.put("ports", ports(step));
        if (!step.ipFamilies().isEmpty()) {
            spec.put("ipFamilies", step.ipFamilies());
        }
        if (!step.ipFamilyPolicy().isEmpty()) {
            spec.put("ipFamilyPolicy", step.ipFamilyPolicy());
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", step.name());
        metadata.put("namespace", namespace);
        metadata.put("labels", Map.of(CanaryKey.APP.text(), step.app()));
        Map<String, Object> service = new LinkedHashMap<>();
        service.put("apiVersion", "v1");
        service.put("kind", "Service");
        service.put("metadata", metadata);
        service.put("spec", spec);
        return service;
    }

    /// The ports that `step` wants, as JSON.
    public static List<Map<String, Object>> ports(Step.EnsureService step) {
        return step.ports().stream().map(Services::json).toList();
    }

    private static Map<String, Object> json(ServiceFacts.Port port) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (!port.name().isEmpty()) {
            json.put("name", port.name());
        }
        json.put("port", port.port());
        boolean number = port.targetPort().matches("[0-9]{1,5}");
        json.put("targetPort", number ? (Object) Integer.valueOf(port.targetPort()) : port.targetPort());
        json.put("protocol", port.protocol());
        if (port.appProtocol() != null) {
            json.put("appProtocol", port.appProtocol());
        }
        return json;
    }

    /// Whether `service` is already as `step` wants it.
    public static boolean asWanted(ServiceFacts service, Step.EnsureService step) {
        return step.app().equals(service.labels().get(CanaryKey.APP.text()))
                && service.type().equals(CLUSTER_IP)
                && !service.headless()
                && service.selector().equals(step.selector())
                && List.copyOf(service.ports()).equals(step.ports())
                && (step.ipFamilies().isEmpty() || service.ipFamilies().equals(step.ipFamilies()))
                && (step.ipFamilyPolicy().isEmpty() || step.ipFamilyPolicy().equals(service.ipFamilyPolicy()));
    }
}
