// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.admission.Subject;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.ImageReference;
import io.canary.domain.app.OtherTool;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.json.JsonObject;
import io.canary.webhook.json.OriginalText;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads an object of a review into the facts that admission decides by.
final class SubjectReader {
    /// An object that is not stored yet is newer than all others.
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Instant NOT_YET = Instant.parse("9999-12-31T23:59:59Z");

    private static final int DEFAULT_PROGRESS_DEADLINE = 600;

    private SubjectReader() {}

    static Subject workload(JsonNode object, String namespace) throws Malformed {
        JsonNode spec = object.path("spec");
        JsonNode template = spec.path("template");
        JsonNode templateMeta = template.path("metadata");
        Map<String, String> templateLabels = strings(templateMeta, "labels");
        JsonNode meta = object.path("metadata");
        Set<String> templateKeys =
                new HashSet<>(ours(strings(templateMeta, "annotations")).keySet());
        templateKeys.addAll(ours(templateLabels).keySet());
        List<Subject.Container> containers = containers(template.path("spec"), "containers");
        DeploymentFacts facts = new DeploymentFacts(
                namespace,
                text(meta, "name"),
                text(meta, "uid"),
                created(meta),
                strings(meta, "labels"),
                ours(strings(meta, "annotations")),
                strings(spec.path("selector"), "matchLabels"),
                templateLabels,
                number(spec, "replicas", 1),
                spec.path(ReviewShape.hashOf("template")).asString(""),
                ImageReference.kept(
                        Stream.concat(containers.stream(), containers(template.path("spec"), "initContainers").stream())
                                .map(Subject.Container::image)
                                .toList()),
                Duration.ofSeconds(number(spec, "progressDeadlineSeconds", DEFAULT_PROGRESS_DEADLINE)),
                flag(spec, "paused"),
                present(meta, "deletionTimestamp"),
                controller(meta),
                tool(meta, Map.of()),
                null);
        return new Subject.Workload(facts, templateKeys, hostPorts(template.path("spec")), containers);
    }

    static Subject service(JsonNode object, String namespace) throws Malformed {
        JsonNode spec = object.path("spec");
        JsonNode meta = object.path("metadata");
        String type = text(spec, "type");
        String policy = text(spec, "ipFamilyPolicy");
        List<ServiceFacts.Port> ports = new ArrayList<>();
        for (JsonNode port : list(spec, "ports")) {
            ports.add(port(port));
        }
        List<String> families = new ArrayList<>();
        for (JsonNode family : list(spec, "ipFamilies")) {
            families.add(family.asString(""));
        }
        ServiceFacts facts = new ServiceFacts(
                namespace,
                text(meta, "name"),
                text(meta, "uid"),
                strings(meta, "labels"),
                ours(strings(meta, "annotations")),
                strings(spec, "selector"),
                type.isEmpty() ? "ClusterIP" : type,
                text(spec, "clusterIP").equals("None"),
                text(spec, "sessionAffinity").equals("ClientIP"),
                ports,
                families,
                policy.isEmpty() ? null : policy,
                present(meta, "deletionTimestamp"),
                tool(meta, strings(spec, "selector")));
        return new Subject.Service(facts);
    }

    static Subject route(JsonNode object) throws Malformed {
        JsonNode meta = object.path("metadata");
        Map<String, String> annotations = ours(strings(meta, "annotations"));
        boolean read =
                annotations.containsKey(CanaryKey.MANAGED.text()) || annotations.containsKey(CanaryKey.ORIGINAL.text());
        return new Subject.Route(
                text(object, "kind"),
                text(meta, "name"),
                strings(meta, "labels"),
                annotations,
                read ? tree(object.path("spec")) : Map.of(),
                fields(OriginalText.read(annotations.get(CanaryKey.ORIGINAL.text()))));
    }

    private static Map<String, Object> tree(JsonNode node) {
        return fields(JsonObject.of(JSON.treeToValue(node, Map.class)));
    }

    private static Map<String, Object> fields(JsonObject object) {
        Map<String, Object> fields = new LinkedHashMap<>();
        object.fields().forEach((key, value) -> {
            if (value != null) {
                fields.put(String.valueOf(key), value);
            }
        });
        return fields;
    }

    /// The string field `name` of `parent`, empty where it is absent.
    static String text(JsonNode parent, String name) throws Malformed {
        JsonNode value = parent.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isString()) {
            throw new Malformed(name + " is not a string");
        }
        return value.stringValue();
    }

    private static ServiceFacts.Port port(JsonNode port) throws Malformed {
        int number = number(port, "port", 0);
        JsonNode target = port.path("targetPort");
        String protocol = text(port, "protocol");
        String appProtocol = text(port, "appProtocol");
        return new ServiceFacts.Port(
                text(port, "name"),
                number,
                target.isString() || target.isIntegralNumber() ? target.asString() : Integer.toString(number),
                protocol.isEmpty() ? "TCP" : protocol,
                appProtocol.isEmpty() ? null : appProtocol);
    }

    private static Map<String, String> strings(JsonNode parent, String name) throws Malformed {
        JsonNode map = parent.path(name);
        if (map.isMissingNode() || map.isNull()) {
            return Map.of();
        }
        if (!map.isObject()) {
            throw new Malformed(name + " is not an object");
        }
        Map<String, String> strings = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            if (entry.getValue().isString()) {
                strings.put(entry.getKey(), entry.getValue().stringValue());
            } else if (!entry.getValue().isNull()) {
                throw new Malformed("a value in " + name + " is not a string");
            }
        }
        return strings;
    }

    private static Map<String, String> ours(Map<String, String> strings) {
        Map<String, String> ours = new HashMap<>(strings);
        ours.keySet().removeIf(key -> !CanaryKey.isCanary(key));
        return ours;
    }

    private static List<JsonNode> list(JsonNode parent, String name) throws Malformed {
        JsonNode list = parent.path(name);
        if (list.isMissingNode() || list.isNull()) {
            return List.of();
        }
        if (!list.isArray()) {
            throw new Malformed(name + " is not a list");
        }
        return list.valueStream().toList();
    }

    private static int number(JsonNode parent, String name, int absent) throws Malformed {
        JsonNode value = parent.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new Malformed(name + " is not a whole number of 32 bits");
        }
        return value.intValue();
    }

    private static boolean flag(JsonNode parent, String name) {
        JsonNode value = parent.path(name);
        return value.isBoolean() && value.booleanValue();
    }

    private static boolean present(JsonNode parent, String name) {
        return parent.hasNonNull(name);
    }

    private static Instant created(JsonNode meta) throws Malformed {
        String text = text(meta, "creationTimestamp");
        try {
            return text.isEmpty() ? NOT_YET : Instant.parse(text);
        } catch (DateTimeParseException _) {
            throw new Malformed("creationTimestamp is not a time");
        }
    }

    private static @Nullable String controller(JsonNode meta) throws Malformed {
        for (JsonNode owner : list(meta, "ownerReferences")) {
            if (flag(owner, "controller")) {
                return text(owner, "kind") + "/" + text(owner, "name");
            }
        }
        return null;
    }

    private static @Nullable OtherTool tool(JsonNode meta, Map<String, String> selector) throws Malformed {
        String controller = "";
        for (JsonNode owner : list(meta, "ownerReferences")) {
            if (flag(owner, "controller")) {
                controller = text(owner, "apiVersion");
            }
        }
        return OtherTool.of(controller, List.of(strings(meta, "labels"), strings(meta, "annotations"), selector));
    }

    private static List<Subject.Container> containers(JsonNode pod, String field) throws Malformed {
        List<Subject.Container> containers = new ArrayList<>();
        for (JsonNode container : list(pod, field)) {
            containers.add(new Subject.Container(text(container, "name"), text(container, "image")));
        }
        return containers;
    }

    private static boolean hostPorts(JsonNode pod) throws Malformed {
        if (flag(pod, "hostNetwork")) {
            return true;
        }
        for (JsonNode container : list(pod, "containers")) {
            for (JsonNode port : list(container, "ports")) {
                if (number(port, "hostPort", 0) > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /// An object whose fields are not of the types that the API has.
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }
}
