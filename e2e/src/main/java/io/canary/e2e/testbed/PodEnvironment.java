// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.LinkedHashMap;
import java.util.Map;

/// The environment of a process pod: what every container gets, then what its spec says.
final class PodEnvironment {
    private PodEnvironment() {}

    static Map<String, String> of(Pod pod, Container container, String podIp, PodFolder folder) {
        var environment = new LinkedHashMap<String, String>();
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("HOME", folder.home().toString());
        environment.put("HOSTNAME", pod.getMetadata().getName());
        environment.put("KUBERNETES_SERVICE_HOST", podIp); // so that [Wire] can tell pods apart
        environment.put("KUBERNETES_SERVICE_PORT", String.valueOf(Addresses.API_SERVER_PORT));
        for (var variable : container.getEnv()) {
            environment.put(variable.getName(), value(variable, pod, podIp));
        }
        return environment;
    }

    private static String value(EnvVar variable, Pod pod, String podIp) {
        if (variable.getValueFrom() == null) {
            return variable.getValue() == null ? "" : variable.getValue();
        }
        var field = variable.getValueFrom().getFieldRef();
        if (field == null) {
            throw new IllegalArgumentException(
                    "env " + variable.getName() + ": of valueFrom, process pods know fieldRef only");
        }
        return switch (field.getFieldPath()) {
            case "metadata.name" -> pod.getMetadata().getName();
            case "metadata.namespace" -> pod.getMetadata().getNamespace();
            case "metadata.uid" -> pod.getMetadata().getUid();
            case "spec.nodeName" -> pod.getSpec().getNodeName();
            case "spec.serviceAccountName" -> pod.getSpec().getServiceAccountName();
            case "status.podIP", "status.podIPs" -> podIp;
            case "status.hostIP", "status.hostIPs" -> Addresses.API_SERVER_HOST;
            default ->
                throw new IllegalArgumentException(
                        "env " + variable.getName() + ": process pods know no fieldPath " + field.getFieldPath());
        };
    }
}
