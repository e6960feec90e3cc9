// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import io.canary.domain.admission.Subject;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Fingerprint;
import io.canary.domain.app.ImageReference;
import io.canary.domain.app.OtherTool;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.json.FieldWrite;
import io.canary.domain.json.JsonObject;
import io.canary.domain.json.RouteJson;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// kubectl's JSON as the domain's records; reads as the cluster's own translators do.
public final class KubeJson {
    private static final int DEFAULT_PROGRESS_DEADLINE = 600;

    private KubeJson() {}

    static String name(JsonObject object) {
        return object.object("metadata").text("name");
    }

    /// The labels of any object.
    public static Map<String, String> labels(JsonObject object) {
        return strings(object.object("metadata").object("labels"));
    }

    static String namespace(JsonObject object) {
        return object.object("metadata").text("namespace");
    }

    static DeploymentFacts deployment(JsonObject object) {
        JsonObject meta = object.object("metadata");
        JsonObject spec = object.object("spec");
        JsonObject template = spec.object("template");
        Instant created = meta.instant("creationTimestamp");
        return new DeploymentFacts(
                meta.text("namespace"),
                meta.text("name"),
                meta.text("uid"),
                created == null ? Instant.EPOCH : created,
                strings(meta.object("labels")),
                ours(meta),
                strings(spec.object("selector").object("matchLabels")),
                strings(template.object("metadata").object("labels")),
                spec.count("replicas", 1),
                Fingerprint.of(template.fields()),
                ImageReference.kept(Stream.of("containers", "initContainers")
                        .flatMap(field -> template.object("spec").objects(field).stream())
                        .map(container -> container.text("image"))
                        .toList()),
                Duration.ofSeconds(spec.count("progressDeadlineSeconds", DEFAULT_PROGRESS_DEADLINE)),
                spec.flag("paused"),
                meta.has("deletionTimestamp"),
                controller(meta),
                tool(meta, Map.of()),
                FieldWrite.lastOfOthers(writes(
                        meta, entry -> entry.object("fieldsV1").object("f:spec").has("f:replicas"))));
    }

    private static List<FieldWrite> writes(JsonObject meta, Predicate<JsonObject> counts) {
        return meta.objects("managedFields").stream()
                .filter(counts)
                .map(entry -> new FieldWrite(entry.textOrNull("manager"), entry.instant("time")))
                .toList();
    }

    static ServiceFacts service(JsonObject object) {
        JsonObject meta = object.object("metadata");
        JsonObject spec = object.object("spec");
        String type = spec.text("type");
        return new ServiceFacts(
                meta.text("namespace"),
                meta.text("name"),
                meta.text("uid"),
                strings(meta.object("labels")),
                ours(meta),
                strings(spec.object("selector")),
                type.isEmpty() ? "ClusterIP" : type,
                spec.text("clusterIP").equals("None"),
                spec.text("sessionAffinity").equals("ClientIP"),
                spec.objects("ports").stream().map(KubeJson::port).toList(),
                spec.texts("ipFamilies"),
                spec.text("ipFamilyPolicy").isEmpty() ? null : spec.text("ipFamilyPolicy"),
                meta.has("deletionTimestamp"),
                tool(meta, strings(spec.object("selector"))));
    }

    private static ServiceFacts.Port port(JsonObject port) {
        Object target = port.fields().get("targetPort");
        String protocol = port.text("protocol");
        return new ServiceFacts.Port(
                port.text("name"),
                port.count("port", 0),
                target == null ? Integer.toString(port.count("port", 0)) : target.toString(),
                protocol.isEmpty() ? "TCP" : protocol,
                port.text("appProtocol").isEmpty() ? null : port.text("appProtocol"));
    }

    static io.canary.domain.app.RouteFacts.Named route(io.canary.domain.app.RouteKind kind, JsonObject object) {
        JsonObject meta = object.object("metadata");
        List<FieldWrite> writes = writes(
                meta,
                entry -> entry.text("subresource").isEmpty()
                        && entry.object("fieldsV1").has("f:spec"));
        return RouteJson.facts(
                kind,
                new RouteJson.Meta(
                        meta.text("namespace"),
                        meta.text("name"),
                        strings(meta.object("labels")),
                        strings(meta.object("annotations")),
                        original(meta.object("annotations").text(CanaryKey.ORIGINAL.text())),
                        meta.number("generation"),
                        writes),
                object);
    }

    /// An object as admission sees it; null where it is of a kind that is not judged.
    public static @Nullable Subject subject(JsonObject object) {
        JsonObject meta = object.object("metadata");
        return switch (object.text("kind")) {
            case "Deployment" -> workload(object);
            case "Service" -> new Subject.Service(service(object));
            case "HTTPRoute", "GRPCRoute" ->
                new Subject.Route(
                        object.text("kind"),
                        meta.text("name"),
                        strings(meta.object("labels")),
                        ours(meta),
                        fields(object.object("spec")),
                        fields(original(meta.object("annotations").text(CanaryKey.ORIGINAL.text()))));
            default -> null;
        };
    }

    private static Subject.Workload workload(JsonObject object) {
        JsonObject template = object.object("spec").object("template");
        Set<String> keys = new HashSet<>(
                strings(template.object("metadata").object("annotations")).keySet());
        keys.addAll(strings(template.object("metadata").object("labels")).keySet());
        keys.removeIf(key -> !CanaryKey.isCanary(key));
        return new Subject.Workload(
                deployment(object),
                keys,
                false, // of no matter to policies
                template.object("spec").objects("containers").stream()
                        .map(container -> new Subject.Container(container.text("name"), container.text("image")))
                        .toList());
    }

    private static Map<String, Object> fields(JsonObject object) {
        Map<String, Object> fields = new TreeMap<>();
        object.fields().forEach((key, value) -> {
            if (value != null) {
                fields.put(String.valueOf(key), value);
            }
        });
        return fields;
    }

    private static JsonObject original(String text) {
        try {
            return text.isEmpty() ? JsonObject.EMPTY : JsonObject.of(Json.read(text));
        } catch (Json.NotJsonException e) {
            return JsonObject.EMPTY;
        }
    }

    /// The Service that an EndpointSlice is of, with its ready pods.
    static Map.Entry<String, Set<String>> endpoints(JsonObject object) {
        Set<String> ready = new HashSet<>();
        for (JsonObject endpoint : object.objects("endpoints")) {
            JsonObject conditions = endpoint.object("conditions");
            boolean serves = !Boolean.FALSE.equals(conditions.fields().get("ready")) && !conditions.flag("terminating");
            if (serves) {
                JsonObject target = endpoint.object("targetRef");
                String name = target.text("kind").equals("Pod") ? target.text("name") : "";
                ready.add(
                        name.isEmpty()
                                ? endpoint.texts("addresses").stream()
                                        .findFirst()
                                        .orElse("")
                                : name);
            }
        }
        String service =
                strings(object.object("metadata").object("labels")).getOrDefault("kubernetes.io/service-name", "");
        return Map.entry(service, ready);
    }

    /// The Deployment that a HorizontalPodAutoscaler scales, or null.
    static Map.@Nullable Entry<String, Version.Autoscaler> autoscaler(JsonObject object) {
        JsonObject target = object.object("spec").object("scaleTargetRef");
        return target.text("kind").equals("Deployment")
                        && target.text("apiVersion").startsWith("apps/")
                ? Map.entry(
                        target.text("name"),
                        new Version.Autoscaler(
                                name(object), Math.max(1, object.object("spec").count("minReplicas", 1))))
                : null;
    }

    static Map<String, String> strings(JsonObject object) {
        Map<String, String> strings = new TreeMap<>();
        object.fields().forEach((key, value) -> {
            if (value instanceof String text) {
                strings.put(String.valueOf(key), text);
            }
        });
        return strings;
    }

    private static Map<String, String> ours(JsonObject meta) {
        Map<String, String> ours = strings(meta.object("annotations"));
        ours.keySet().removeIf(key -> !CanaryKey.isCanary(key));
        return ours;
    }

    private static @Nullable OtherTool tool(JsonObject meta, Map<String, String> selector) {
        String controller = meta.objects("ownerReferences").stream()
                .filter(owner -> owner.flag("controller"))
                .map(owner -> owner.text("apiVersion"))
                .findFirst()
                .orElse("");
        return OtherTool.of(
                controller, List.of(strings(meta.object("labels")), strings(meta.object("annotations")), selector));
    }

    private static @Nullable String controller(JsonObject meta) {
        return meta.objects("ownerReferences").stream()
                .filter(owner -> owner.flag("controller"))
                .map(owner -> owner.text("kind") + "/" + owner.text("name"))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
