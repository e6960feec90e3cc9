// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.util.ArrayList;
import java.util.List;

/// The command line of each component.
final class CommandLines {
    private CommandLines() {}

    static List<String> of(Component component, Binaries binaries, ClusterFiles files, Settings settings) {
        var line = new ArrayList<String>();
        line.add(binaries.program(component.program()).toString());
        line.addAll(
                switch (component) {
                    case ETCD -> etcd(files, settings);
                    case API_SERVER -> apiServer(files);
                    case CONTROLLER_MANAGER -> controllerManager(files);
                    case SCHEDULER -> scheduler(files);
                    case KWOK -> kwok(binaries, files);
                });
        line.addAll(settings.flags(component));
        return List.copyOf(line);
    }

    private static List<String> etcd(ClusterFiles files, Settings settings) {
        var flags = new ArrayList<>(List.of(
                "--name=testbed",
                "--data-dir=" + files.etcdData(),
                "--listen-client-urls=" + Addresses.ETCD,
                "--advertise-client-urls=" + Addresses.ETCD,
                "--listen-peer-urls=" + Addresses.ETCD_PEER,
                "--initial-advertise-peer-urls=" + Addresses.ETCD_PEER,
                "--initial-cluster=testbed=" + Addresses.ETCD_PEER,
                "--quota-backend-bytes=4294967296",
                "--log-level=warn"));
        if (!settings.fsync()) {
            flags.add("--unsafe-no-fsync");
        }
        return flags;
    }

    /// Another API server with the same etcd and certificates. It leaves the endpoints of the Service `kubernetes`
    /// alone.
    static List<String> secondApiServer(Binaries binaries, ClusterFiles files, Settings settings) {
        var line = new ArrayList<>(of(Component.API_SERVER, binaries, files, settings));
        line.add("--secure-port=" + Addresses.SECOND_API_SERVER_PORT);
        line.add("--audit-log-path=" + files.secondAuditLog());
        line.add("--endpoint-reconciler-type=none");
        return List.copyOf(line);
    }

    // --advertise-address: there is no default route to find one by. --enable-aggregator-routing: webhook Services
    // are dialled by endpoint, since nobody serves ClusterIPs here.
    private static List<String> apiServer(ClusterFiles files) {
        return List.of(
                "--advertise-address=" + Addresses.API_SERVER_HOST,
                "--bind-address=0.0.0.0",
                "--secure-port=" + Addresses.API_SERVER_PORT,
                "--service-cluster-ip-range=" + Addresses.SERVICE_RANGE,
                "--enable-aggregator-routing=true",
                "--authorization-mode=Node,RBAC",
                "--etcd-servers=" + Addresses.ETCD,
                "--client-ca-file=" + files.certificateAuthority(),
                "--tls-cert-file=" + files.servingCertificate(),
                "--tls-private-key-file=" + files.servingKey(),
                "--service-account-key-file=" + files.serviceAccountPublicKey(),
                "--service-account-signing-key-file=" + files.serviceAccountKey(),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--admission-control-config-file=" + files.admission(),
                "--audit-policy-file=" + files.auditPolicy(),
                "--audit-log-path=" + files.auditLog(),
                "--audit-log-mode=blocking",
                "--audit-log-maxsize=4096");
    }

    private static List<String> controllerManager(ClusterFiles files) {
        var kubeconfig = files.kubeconfig(ClusterUser.CONTROLLER_MANAGER.name());
        return List.of(
                "--kubeconfig=" + kubeconfig,
                "--authentication-kubeconfig=" + kubeconfig,
                "--authorization-kubeconfig=" + kubeconfig,
                "--use-service-account-credentials=true",
                "--service-account-private-key-file=" + files.serviceAccountKey(),
                "--root-ca-file=" + files.certificateAuthority(),
                "--bind-address=127.0.0.1",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
                "--concurrent-deployment-syncs=10",
                "--horizontal-pod-autoscaler-sync-period=5s",
                "--leader-elect=false");
    }

    private static List<String> scheduler(ClusterFiles files) {
        var kubeconfig = files.kubeconfig(ClusterUser.SCHEDULER.name());
        return List.of(
                "--kubeconfig=" + kubeconfig,
                "--authentication-kubeconfig=" + kubeconfig,
                "--authorization-kubeconfig=" + kubeconfig,
                "--bind-address=127.0.0.1",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
                "--leader-elect=false");
    }

    private static List<String> kwok(Binaries binaries, ClusterFiles files) {
        return List.of(
                "--kubeconfig=" + files.kubeconfig(ClusterUser.KWOK.name()),
                "--manage-nodes-with-label-selector=" + Nodes.TYPE + "=" + Nodes.KWOK,
                "--cidr=" + Addresses.KWOK_POD_RANGE,
                "--node-ip=" + Addresses.API_SERVER_HOST,
                "--node-lease-duration-seconds=40",
                "--config=" + binaries.nodeInitialize(),
                "--config=" + binaries.nodeHeartbeat(),
                "--config=" + files.podStages());
    }
}
