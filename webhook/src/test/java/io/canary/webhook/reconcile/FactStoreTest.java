// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.webhook.kube.Metas;
import io.fabric8.kubernetes.api.model.Service;
import org.junit.jupiter.api.Test;

class FactStoreTest {
    private final FactStore<Service, String> store = new FactStore<>(
            new Object(),
            Service::new,
            (service, _) -> {
                if (Metas.name(service).equals("odd")) {
                    throw new IllegalStateException("not understood");
                }
                return Metas.name(service);
            },
            (_, _, _, _) -> {});

    @Test
    void objectThatIsNotUnderstoodDoesNotEndTheWatch() {
        store.put("shop/odd", TestObjects.service(1, "odd", "app: odd", ""));
        store.put("shop/order", TestObjects.service(2, "order", "app: order", ""));
        assertThat(store.keySet()).containsExactly("shop/order");
    }
}
