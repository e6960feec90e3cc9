// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Which ready pod has which address, as a watch tells it. KWOK gives a freed address to the next pod at once.
final class ReadyPods implements AutoCloseable {
    private final Map<String, Played> byAddress = new HashMap<>();
    private final Map<String, String> addresses = new HashMap<>();
    private final Consumer<String> left;
    private final SharedIndexInformer<Pod> informer;

    /// Returns when all pods are known.
    ///
    /// @param left told each address whose pod is not ready any more, is gone, or is another one
    ReadyPods(KubernetesClient client, Consumer<String> left) {
        this.left = left;
        this.informer = client.pods().inAnyNamespace().inform(new IntoTable());
    }

    synchronized Optional<Played> at(String address) {
        return Optional.ofNullable(byAddress.get(address));
    }

    @Override
    public void close() {
        informer.close();
    }

    private synchronized void ready(Played pod) {
        addresses.put(pod.uid(), pod.address());
        var before = byAddress.put(pod.address(), pod);
        if (before != null && !before.uid().equals(pod.uid())) {
            left.accept(pod.address());
        }
    }

    private synchronized void unready(String uid) {
        var address = addresses.remove(uid);
        var there = address == null ? null : byAddress.get(address);
        if (address != null && there != null && there.uid().equals(uid)) {
            byAddress.remove(address);
            left.accept(address);
        }
    }

    private final class IntoTable implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            Played.of(pod)
                    .ifPresentOrElse(
                            ReadyPods.this::ready,
                            () -> unready(pod.getMetadata().getUid()));
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            onAdd(pod);
        }

        @Override
        public void onDelete(Pod pod, boolean unknown) {
            unready(pod.getMetadata().getUid());
        }
    }
}
