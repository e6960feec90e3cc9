// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.util.List;

/// A user who signs in with a client certificate: common name and organisations.
public record ClusterUser(String name, List<String> groups) {
    private static final String MASTERS = "system:masters";

    public static final ClusterUser ADMIN = new ClusterUser("admin", List.of(MASTERS));

    /// Who the API server is to the hooks that it calls and that ask for a certificate.
    public static final ClusterUser HOOK_CALLER = new ClusterUser("kube-apiserver-hooks", List.of());

    static final ClusterUser CONTROLLER_MANAGER = new ClusterUser("system:kube-controller-manager", List.of());
    static final ClusterUser SCHEDULER = new ClusterUser("system:kube-scheduler", List.of());
    static final ClusterUser KWOK = new ClusterUser("kwok", List.of(MASTERS));
    static final ClusterUser CONTOUR = new ClusterUser("contour", List.of(MASTERS));
    static final ClusterUser PROCESS_KUBELET = new ClusterUser("process-kubelet", List.of(MASTERS));

    public ClusterUser {
        groups = List.copyOf(groups);
    }
}
