// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.Elsewhere;
import io.canary.domain.app.Elsewhere.Effect;
import io.canary.domain.json.JsonObject;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Reads VirtualServices and DestinationRules of Istio: which Services' traffic they decide over (routing.md
/// section 1).
public final class IstioRules {
    public static final String GROUP = "networking.istio.io";

    /// The versions that are understood, the newest first: all have the fields that are read.
    public static final List<String> VERSIONS = List.of("v1", "v1beta1", "v1alpha3");

    private static final Pattern HOST = Pattern.compile("([a-z0-9-]+|\\*)\\.([a-z0-9-]+)(\\.svc(\\..*)?)?");
    private static final String MESH = "mesh";

    private IstioRules() {}

    /// What it does to Services, by their namespace.
    public static Map<String, List<Elsewhere>> facts(GenericKubernetesResource rule) {
        JsonObject spec = JsonObject.of(rule.getAdditionalProperties().get("spec"));
        String namespace = Metas.namespace(rule);
        Map<String, List<Elsewhere>> all = new HashMap<>();
        if (rule.getKind().equals("DestinationRule")) {
            add(all, rule, Effect.LEFT_BEHIND, services(namespace, Stream.of(spec.text("host"))));
            return all;
        }
        List<String> gateways = spec.texts("gateways");
        boolean mesh = gateways.isEmpty() || gateways.contains(MESH);
        Map<String, Set<String>> overridden = mesh ? services(namespace, spec.texts("hosts").stream()) : Map.of();
        overridden.forEach((of, names) -> {
            boolean clients = !of.equals(namespace) && spec.texts("exportTo").equals(List.of("."));
            add(all, rule, clients ? Effect.CONSUMES : Effect.OVERRIDES, Map.of(of, names));
        });
        Map<String, Set<String>> destinations = services(namespace, destinations(spec));
        destinations.forEach((of, names) -> names.removeAll(overridden.getOrDefault(of, Set.of())));
        add(all, rule, Effect.FORWARDS, destinations);
        return all;
    }

    private static Stream<String> destinations(JsonObject spec) {
        return Stream.of("http", "tls", "tcp")
                .flatMap(protocol -> spec.objects(protocol).stream())
                .flatMap(route -> route.objects("route").stream())
                .map(route -> route.object("destination").text("host"));
    }

    /// A name without a dot is one of the rule's namespace.
    private static Map<String, Set<String>> services(String namespace, Stream<String> hosts) {
        Map<String, Set<String>> services = new HashMap<>();
        hosts.forEach(host -> {
            Matcher full = HOST.matcher(host);
            if (!host.isEmpty() && !host.contains(".") && !host.equals("*")) {
                services.computeIfAbsent(namespace, _ -> new TreeSet<>()).add(host);
            } else if (full.matches()) {
                services.computeIfAbsent(full.group(2), _ -> new TreeSet<>()).add(full.group(1));
            }
        });
        return services;
    }

    private static void add(
            Map<String, List<Elsewhere>> all,
            GenericKubernetesResource rule,
            Effect effect,
            Map<String, Set<String>> services) {
        services.forEach((namespace, names) -> {
            if (!names.isEmpty()) {
                all.computeIfAbsent(namespace, _ -> new ArrayList<>())
                        .add(new Elsewhere(effect, rule.getKind(), Metas.namespace(rule), Metas.name(rule), names));
            }
        });
    }
}
