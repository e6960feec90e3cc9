// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.certs.Bundle;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Both webhook configurations, through which API servers learn whom to trust.
final class WebhookConfigurations implements AutoCloseable {
    /// The name of both.
    private static final String NAME = "canary";
    /// Who owns `caBundle`, and nothing else, in them.
    private static final String FIELD_MANAGER = "canary-certs";

    private static final List<String> KINDS = List.of("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration");

    private final KubernetesClient client;
    private final List<SharedIndexInformer<GenericKubernetesResource>> informers = new ArrayList<>();

    WebhookConfigurations(KubernetesClient client) {
        this.client = client;
    }

    /// Those that stood when they were read.
    record Standing(List<GenericKubernetesResource> configurations) {
        /// Whether none is missing: an administrator may have taken one away on purpose, and during an
        /// installation they come last.
        boolean complete() {
            return configurations.size() == KINDS.size();
        }
    }

    /// Calls `changed` when somebody writes one of them, from now until closed.
    void watch(Runnable changed) {
        for (String kind : KINDS) {
            SharedIndexInformer<GenericKubernetesResource> informer =
                    kind(kind).withName(NAME).runnableInformer(0);
            informer.exceptionHandler((_, _) -> true); // else the first failure would end it for good
            informer.addEventHandler(new Changes(changed));
            informers.add(informer);
            var _ = informer.start();
        }
    }

    private record Changes(Runnable changed) implements ResourceEventHandler<GenericKubernetesResource> {
        @Override
        public void onAdd(GenericKubernetesResource configuration) {
            changed.run();
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
            changed.run();
        }

        @Override
        public void onDelete(GenericKubernetesResource configuration, boolean finalStateUnknown) {
            // An administrator's choice: nothing to restore.
        }
    }

    Standing read() {
        List<GenericKubernetesResource> found = new ArrayList<>();
        for (String kind : KINDS) {
            Optional.ofNullable(kind(kind).withName(NAME).get()).ifPresent(found::add);
        }
        return new Standing(found);
    }

    /// Makes all trust `trusted` beside whom they trust already; writes only where something else stands. One that
    /// refuses it keeps it from no other.
    ///
    /// @param standing as read before `trusted` was: a write that came between makes this one fail
    /// @return whom all of them trust now
    Bundle publish(Standing standing, Bundle trusted, Instant now) {
        Bundle common = null;
        KubernetesClientException refused = null;
        for (GenericKubernetesResource configuration : standing.configurations()) {
            Bundle wanted = trusted.keeping(CaBundle.published(configuration), now);
            try {
                CaBundle.missing(configuration, wanted).ifPresent(this::apply);
            } catch (KubernetesClientException e) {
                if (refused == null) {
                    refused = e;
                } else {
                    refused.addSuppressed(e);
                }
            }
            common = common == null ? wanted : common.common(wanted);
        }
        if (refused != null) {
            throw refused;
        }
        return common == null ? Bundle.EMPTY : common;
    }

    private void apply(GenericKubernetesResource wanted) {
        kind(wanted.getKind())
                .resource(wanted)
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager(FIELD_MANAGER)
                                .withForce(true)
                                .build(),
                        wanted);
    }

    private MixedOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            kind(String kind) {
        return client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                .withGroup("admissionregistration.k8s.io")
                .withVersion("v1")
                .withKind(kind)
                .withPlural(kind.toLowerCase(Locale.ROOT) + "s")
                .withNamespaced(false)
                .build());
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::stop);
    }
}
