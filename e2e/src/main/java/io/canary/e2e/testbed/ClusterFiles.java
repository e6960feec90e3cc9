// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.nio.file.Path;

/// Where a cluster keeps its files below its work folder.
record ClusterFiles(Path folder) {
    Path certificateAuthority() {
        return folder.resolve("ca.crt");
    }

    Path servingCertificate() {
        return folder.resolve("apiserver.crt");
    }

    Path servingKey() {
        return folder.resolve("apiserver.key");
    }

    Path serviceAccountKey() {
        return folder.resolve("service-account.key");
    }

    Path serviceAccountPublicKey() {
        return folder.resolve("service-account.pub");
    }

    Path auditPolicy() {
        return folder.resolve("audit-policy.yaml");
    }

    Path auditLog() {
        return folder.resolve("audit.log");
    }

    Path secondAuditLog() {
        return folder.resolve("audit-2.log");
    }

    Path admission() {
        return folder.resolve("admission.yaml");
    }

    Path hookCaller() {
        return folder.resolve("hook-caller.kubeconfig");
    }

    Path podStages() {
        return folder.resolve("pod-stages.yaml");
    }

    Path etcdData() {
        return folder.resolve("etcd");
    }

    Path kubeconfig(String user) {
        return folder.resolve(user.replace(':', '-') + ".kubeconfig");
    }

    Path traefikToken() {
        return folder.resolve("traefik.token");
    }

    Path contourConfig() {
        return folder.resolve("contour.yaml");
    }

    Path envoyBootstrap() {
        return folder.resolve("envoy.json");
    }

    Path envoyAdmin() {
        return folder.resolve("envoy.sock");
    }

    Path kubectlCache() {
        return folder.resolve("kubectl-cache");
    }

    Path log(String name) {
        return folder.resolve(name + ".log");
    }
}
