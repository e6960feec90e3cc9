// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

/// A process of the control plane, in the order in which they start.
public enum Component {
    ETCD("etcd"),
    API_SERVER("kube-apiserver"),
    CONTROLLER_MANAGER("kube-controller-manager"),
    SCHEDULER("kube-scheduler"),
    KWOK("kwok");

    private final String program;

    Component(String program) {
        this.program = program;
    }

    /// The program's name, also that of its log without `.log`.
    public String program() {
        return program;
    }
}
