// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One version of an app: a Deployment and what of it serves.
///
/// @param labelled whether its pod template carries the label `version` with this name
/// @param ready its ready endpoints in the root Service
/// @param serviceReady the ready endpoints of its own Service `<app>-<version>`, 0 while there is none
/// @param autoscaler what owns its replicas, or null
public record Version(
        DeploymentFacts deployment,
        String name,
        boolean labelled,
        int ready,
        int serviceReady,
        @Nullable Autoscaler autoscaler) {
    /// Newest first; ties by the names of version and Deployment, so that the order is total.
    public static final Comparator<Version> NEWEST_FIRST = Comparator.comparing(
                    (Version v) -> v.deployment().created())
            .reversed()
            .thenComparing(Version::name, Comparator.reverseOrder())
            .thenComparing(v -> v.deployment().name(), Comparator.reverseOrder());

    /// A HorizontalPodAutoscaler or a ScaledObject on a version: it owns the replicas (design section 4).
    ///
    /// @param minReplicas at least 1
    public record Autoscaler(String name, int minReplicas) {}

    public String uid() {
        return deployment.uid();
    }

    public int replicas() {
        return deployment.replicas();
    }

    /// The value of `key` on its Deployment, or null.
    public @Nullable String get(CanaryKey key) {
        return deployment.get(key);
    }

    /// Why no Service can tell its pods from others', where it is not [#labelled].
    public String unlabelledBecause(String app) {
        return deployment.templateLabels().containsKey(VersionName.LABEL)
                ? "label version=" + Names.shown(name) + " of " + deployment.name() + " cannot end a Service's name"
                : "the pods of version " + name + " carry no label version: kubectl canary adopt " + app;
    }

    /// Whether a key of a user's stands on it.
    public boolean hasUserKey() {
        return CanaryKey.anyOfUsers(deployment.annotations());
    }

    /// Whether we count it as ours: a user's key, or our mark of an earlier share.
    public boolean takesPart() {
        return deployment.takesPart();
    }

    /// What it asks for and runs: its weight and its pod template.
    public String fingerprint() {
        String weight = get(CanaryKey.WEIGHT);
        return Names.shown(weight == null ? "" : weight) + "/" + deployment.templateHash();
    }

    /// All that it asks for, and runs.
    public String wish() {
        Map<String, String> entries = new TreeMap<>();
        for (CanaryKey key : CanaryKey.ENTRIES) {
            String value = get(key);
            if (value != null) {
                entries.put(key.text(), value);
            }
        }
        return entries.isEmpty() ? fingerprint() : fingerprint() + "/" + Fingerprint.of(entries);
    }

    /// Whether it asks for a share, or for some users or hosts.
    public boolean wishes() {
        return askedBasisPoints() > 0 || enters();
    }

    /// Whether it asks for some hosts, users or a lane.
    public boolean enters() {
        return CanaryKey.ENTRIES.stream().anyMatch(key -> get(key) != null);
    }

    /// The weight it asks for, in basis points: 0 where the annotation is absent, spent or not readable.
    public int askedBasisPoints() {
        return deployment.askedBasisPoints();
    }
}
