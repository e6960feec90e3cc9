// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/// Objects for tests, as the client reads them from the API server.
public final class TestJson {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private TestJson() {}

    /// The object written in this YAML.
    public static <T> T yaml(String text, Class<T> as) {
        return JSON.unmarshal(text, as);
    }

    /// What becomes of `wanted` on its way to the API server and back.
    static <T> T roundTrip(Object wanted, Class<T> as) {
        return JSON.unmarshal(JSON.asJson(wanted), as);
    }
}
