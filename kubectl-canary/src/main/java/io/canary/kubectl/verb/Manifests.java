// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The manifests that this plugin was built with, in the order in which they are applied.
final class Manifests {
    private static final List<String> NAMES = List.of(
            "00-Namespace.yaml",
            "10-ServiceAccount.yaml",
            "20-ClusterRole.yaml",
            "21-Role.yaml",
            "30-CustomResourceDefinition-releases.yaml",
            "31-CustomResourceDefinition-canarypolicies.yaml",
            "40-Service.yaml",
            "46-NetworkPolicy.yaml",
            "48-PodDisruptionBudget.yaml",
            "50-Deployment.yaml",
            "60-MutatingWebhookConfiguration.yaml",
            "70-ValidatingWebhookConfiguration.yaml",
            "80-ValidatingAdmissionPolicy-core.yaml",
            "81-ValidatingAdmissionPolicy-policy.yaml");

    private Manifests() {}

    static List<String> all() {
        List<String> texts = new ArrayList<>();
        for (String name : NAMES) {
            texts.add(read("/manifests/" + name));
        }
        return texts;
    }

    /// In the order in which they are removed: what the API server asks first, the CRDs, and with them all Releases and
    /// CanaryPolicies, last.
    static List<String> lastFirst() {
        List<String> texts = new ArrayList<>(all().reversed());
        texts.sort(Comparator.comparing(text -> text.contains("kind: CustomResourceDefinition")));
        return texts;
    }

    /// The definition of CanaryPolicies, which says what one may hold.
    static String policies() {
        return read("/manifests/31-CustomResourceDefinition-canarypolicies.yaml");
    }

    private static String read(String resource) {
        try (InputStream in = Manifests.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
