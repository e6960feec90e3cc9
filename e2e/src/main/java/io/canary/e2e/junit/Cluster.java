// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.junit;

import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.traffic.Gateway;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The cluster as one test sees it: a namespace of its own, and what happened there since the test began.
public final class Cluster {
    private final SharedCluster shared;
    private final ControlPlane controlPlane;
    private final String namespace;
    private final Path artefacts;
    private final long auditStart;
    private @Nullable Gateway gateway;

    Cluster(SharedCluster shared, String namespace, Path artefacts) {
        this.shared = shared;
        this.controlPlane = shared.controlPlane();
        this.namespace = namespace;
        this.artefacts = artefacts;
        this.auditStart = controlPlane.auditLog().toFile().length();
    }

    public String namespace() {
        return namespace;
    }

    /// The administrator's client, shared by all tests.
    public KubernetesClient client() {
        return controlPlane.client();
    }

    /// Runs kubectl as the administrator, in the test's namespace.
    public CommandResult kubectl(String... arguments) {
        return kubectl("", List.of(arguments));
    }

    /// `kubectl apply -f -` of this YAML, in the test's namespace.
    public CommandResult apply(String yaml) {
        return kubectl(yaml, List.of("apply", "-f", "-"));
    }

    private CommandResult kubectl(String input, List<String> arguments) {
        var all = Stream.concat(Stream.of("--namespace=" + namespace), arguments.stream());
        return controlPlane.kubectl(input, all.toList());
    }

    /// Makes the test's pods behave so from now on.
    public void behave(String labelSelector, PodBehaviour behaviour) {
        controlPlane.behave(namespace, labelSelector, behaviour);
    }

    /// The way into the test's namespace: at the first call a Gateway is created there, and who serves it started
    /// if no test of this JVM did before.
    public synchronized Gateway gateway() {
        if (gateway == null) {
            gateway = Gateway.create(controlPlane, shared.dataPlane(), namespace);
        }
        return gateway;
    }

    /// The Gateway, where the test has asked for it.
    synchronized Optional<Gateway> usedGateway() {
        return Optional.ofNullable(gateway);
    }

    /// The events of the audit log (JSON, one each) since the test began that concern its namespace.
    public List<String> audit() {
        try (var log = new RandomAccessFile(controlPlane.auditLog().toFile(), "r")) {
            log.seek(auditStart);
            var rest = new byte[Math.toIntExact(log.length() - auditStart)];
            log.readFully(rest);
            var quoted = "\"namespace\":\"" + namespace + "\"";
            return new String(rest, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains(quoted) || line.contains("/namespaces/" + namespace))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// For faults: processes to stop and start, CRDs to take out. Take `@ResourceLock("cluster")` then.
    public ControlPlane controlPlane() {
        return controlPlane;
    }

    /// Where files go that explain a failure; deleted by nobody.
    public Path artefacts() {
        return artefacts;
    }
}
