// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.admission.Change;
import io.canary.domain.admission.Decision;
import io.canary.domain.admission.Refusal;
import io.canary.domain.admission.Subject;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.json.JsonObject;
import io.canary.webhook.certificates.SelfTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads an AdmissionReview (admission.k8s.io/v1) into a [Change], and writes the answer to it.
final class AdmissionCodec {
    private static final String API_VERSION = "admission.k8s.io/v1";
    private static final String KIND = "AdmissionReview";
    private static final String POLICIES = "canarypolicies";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int UNAVAILABLE = 503;
    private static final int LONGEST_MESSAGE = 4_000;

    private AdmissionCodec() {}

    /// What came of the bytes of a request.
    sealed interface Decoded {
        /// A request to decide.
        ///
        /// @param object the wanted object as it came, cut to what is read; null at DELETE
        record Asked(String uid, Change change, @Nullable JsonNode object) implements Decoded {}

        /// A CanaryPolicy that somebody wants to make or change.
        record OfPolicy(String uid, JsonObject policy) implements Decoded {}

        /// A review that contradicts itself: refused in a review.
        record Contradictory(String uid, String why) implements Decoded {}

        /// Not a review: refused by HTTP status 400.
        record NotAReview(String why) implements Decoded {}
    }

    /// The kinds that hooks are registered for.
    private record Resource(String group, String kind) {
        static final Map<String, Resource> BY_NAME = Map.of(
                "deployments", new Resource("apps", "Deployment"),
                "services", new Resource("", "Service"),
                "httproutes", new Resource("gateway.networking.k8s.io", "HTTPRoute"),
                "grpcroutes", new Resource("gateway.networking.k8s.io", "GRPCRoute"));

        Subject subject(JsonNode object, String namespace) throws SubjectReader.Malformed {
            return switch (kind) {
                case "Deployment" -> SubjectReader.workload(object, namespace);
                case "Service" -> SubjectReader.service(object, namespace);
                default -> SubjectReader.route(object);
            };
        }
    }

    /// @param own the user name of our own service account
    static Decoded decode(byte[] body, String own) {
        JsonNode review;
        try {
            review = ReviewReader.read(body, ReviewShape.REVIEW);
        } catch (ReviewReader.NotJson e) {
            return new Decoded.NotAReview(String.valueOf(e.getMessage()));
        }
        JsonNode request = review.path("request");
        if (!API_VERSION.equals(review.path("apiVersion").asString(""))
                || !KIND.equals(review.path("kind").asString(""))) {
            return new Decoded.NotAReview("the body is not an AdmissionReview of " + API_VERSION);
        }
        String uid = request.path("uid").isString() ? request.path("uid").stringValue() : "";
        if (uid.isEmpty() || uid.length() > 256) {
            return new Decoded.NotAReview("the review has no request.uid");
        }
        if (POLICIES.equals(request.path("resource").path("resource").asString(""))) {
            if (request.path("object").isValueNode() || request.path("object").isArray()) {
                return new Decoded.Contradictory(uid, "request.object is no object");
            }
            return new Decoded.OfPolicy(uid, JsonObject.of(JSON.treeToValue(request.path("object"), Map.class)));
        }
        Resource resource =
                Resource.BY_NAME.get(request.path("resource").path("resource").asString(""));
        Change.Operation operation = operation(request.path("operation").asString(""));
        if (resource == null || operation == null) {
            return new Decoded.NotAReview("the review is about another resource or operation than those asked for");
        }
        try {
            return asked(uid, resource, operation, request, own);
        } catch (SubjectReader.Malformed e) {
            return new Decoded.Contradictory(uid, String.valueOf(e.getMessage()));
        }
    }

    /// Which review `body` is, for an answer without a decision; empty where it is none.
    static Optional<Head> head(byte[] body) {
        try {
            JsonNode request = ReviewReader.read(body, ReviewShape.HEAD).path("request");
            String uid = request.path("uid").asString("");
            Change.Operation operation = operation(request.path("operation").asString(""));
            boolean keysDiffer = !keys(request.path("object")).equals(keys(request.path("oldObject")));
            return uid.isEmpty() || operation == null
                    ? Optional.empty()
                    : Optional.of(new Head(uid, operation, keysDiffer));
        } catch (ReviewReader.NotJson e) {
            return Optional.empty();
        }
    }

    /// @param keysDiffer whether a key of ours is another than before
    record Head(String uid, Change.Operation operation, boolean keysDiffer) {}

    private static Map<String, String> keys(JsonNode object) {
        Map<String, String> keys = new TreeMap<>();
        object.path("metadata").path("annotations").properties().forEach(entry -> {
            if (CanaryKey.isCanary(entry.getKey())) {
                keys.put(entry.getKey(), entry.getValue().asString(""));
            }
        });
        return keys;
    }

    private static Decoded asked(
            String uid, Resource resource, Change.Operation operation, JsonNode request, String own)
            throws SubjectReader.Malformed {
        String namespace = SubjectReader.text(request, "namespace");
        String subresource = SubjectReader.text(request, "subResource");
        if (!matches(request.path("kind"), resource, "kind", resource.kind())
                || !resource.group()
                        .equals(request.path("resource").path("group").asString(""))) {
            return new Decoded.Contradictory(uid, "request.kind and request.resource name different kinds");
        }
        if (namespace.isEmpty() || !(subresource.isEmpty() || subresource.equals("status"))) {
            return new Decoded.Contradictory(uid, "request.namespace or request.subResource is not one asked for");
        }
        JsonNode object = operation == Change.Operation.DELETE ? null : object(request, "object", resource, namespace);
        JsonNode old = operation == Change.Operation.CREATE ? null : object(request, "oldObject", resource, namespace);
        return new Decoded.Asked(
                uid,
                new Change(
                        operation,
                        request.path("dryRun").asBoolean(false),
                        subresource,
                        requester(request, own),
                        namespace,
                        old == null ? null : resource.subject(old, namespace),
                        object == null ? null : resource.subject(object, namespace)),
                object);
    }

    private static JsonNode object(JsonNode request, String field, Resource resource, String namespace)
            throws SubjectReader.Malformed {
        JsonNode object = request.path(field);
        if (!object.isObject()) {
            throw new SubjectReader.Malformed("request." + field + " is missing");
        }
        if (!resource.kind().equals(object.path("kind").asString(""))
                || !group(object.path("apiVersion").asString("")).equals(resource.group())) {
            throw new SubjectReader.Malformed("request." + field + " is of another kind than request.kind");
        }
        String own = SubjectReader.text(object.path("metadata"), "namespace");
        if (!own.isEmpty() && !own.equals(namespace)) {
            throw new SubjectReader.Malformed("request." + field + " is in another namespace than the request");
        }
        return object;
    }

    private static String group(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    private static boolean matches(JsonNode named, Resource resource, String field, String value) {
        return resource.group().equals(named.path("group").asString(""))
                && value.equals(named.path(field).asString(""));
    }

    private static Change.@Nullable Operation operation(String text) {
        return switch (text) {
            case "CREATE" -> Change.Operation.CREATE;
            case "UPDATE" -> Change.Operation.UPDATE;
            case "DELETE" -> Change.Operation.DELETE;
            default -> null;
        };
    }

    /// Our own requests are not judged, but for the one that tries whether they would be.
    private static Change.Requester requester(JsonNode request, String own) throws SubjectReader.Malformed {
        boolean selfTest = SelfTest.NAME.equals(request.path("name").asString(""));
        JsonNode user = request.path("userInfo");
        String name = SubjectReader.text(user, "username");
        List<String> groups = new ArrayList<>();
        user.path("groups").forEach(group -> groups.add(group.asString("")));
        Map<String, List<String>> extra = new TreeMap<>();
        user.path("extra").properties().forEach(entry -> {
            List<String> values = new ArrayList<>();
            entry.getValue().forEach(value -> values.add(value.asString("")));
            extra.put(entry.getKey(), values);
        });
        return new Change.Requester(
                name, SubjectReader.text(user, "uid"), groups, extra, name.equals(own) && !selfTest);
    }

    /// The answer to request `uid`.
    ///
    /// @param patch RFC 6902 operations, empty for none
    /// @param annotations more for the audit log
    static byte[] encode(String uid, Decision decision, ArrayNode patch, Map<String, String> annotations) {
        ObjectNode response = response(uid, !(decision instanceof Decision.Deny));
        switch (decision) {
            case Decision.Allow _ -> audit(response, "allowed", "");
            case Decision.Mutate _ -> {
                if (!patch.isEmpty()) {
                    response.put("patchType", "JSONPatch");
                    response.put("patch", JSON.writeValueAsBytes(patch));
                }
                audit(response, "mutated", "");
            }
            case Decision.Deny deny -> {
                ObjectNode status = status(response, deny.code(), deny.message());
                if (deny.temporary()) {
                    askAgain(status, 1);
                }
                audit(
                        response,
                        "denied",
                        deny.refusals().stream()
                                .map(Refusal::rule)
                                .map(Refusal.Rule::id)
                                .distinct()
                                .collect(Collectors.joining(",")));
            }
        }
        if (!annotations.isEmpty() && response.path("auditAnnotations") instanceof ObjectNode audit) {
            annotations.forEach(audit::put);
        }
        if (!decision.warnings().isEmpty()) {
            ArrayNode warnings = response.putArray("warnings");
            decision.warnings().forEach(warnings::add);
        }
        return review(response);
    }

    /// A refusal without a decision.
    static byte[] refused(String uid, int code, String message) {
        ObjectNode response = response(uid, false);
        var _ = status(response, code, message);
        audit(response, "denied", "");
        return review(response);
    }

    /// A refusal that says to ask again in one to three seconds.
    static byte[] notNow(String uid, String message) {
        ObjectNode response = response(uid, false);
        // Not all of them in the same second.
        askAgain(status(response, UNAVAILABLE, message), 1 + Math.floorMod(uid.hashCode(), 3));
        audit(response, "denied", "busy");
        return review(response);
    }

    // The API server makes a Retry-After of it, by which kubectl and most clients ask again themselves.
    private static void askAgain(ObjectNode status, int seconds) {
        status.putObject("details").put("retryAfterSeconds", seconds);
    }

    private static ObjectNode response(String uid, boolean allowed) {
        return JsonNodeFactory.instance.objectNode().put("uid", uid).put("allowed", allowed);
    }

    private static ObjectNode status(ObjectNode response, int code, String message) {
        StringBuilder plain = new StringBuilder();
        message.codePoints()
                .limit(LONGEST_MESSAGE)
                .map(c -> Character.isISOControl(c) || (c >= 0xd800 && c <= 0xdfff) ? '?' : c)
                .forEach(plain::appendCodePoint);
        return response.putObject("status").put("code", code).put("message", plain.toString());
    }

    private static void audit(ObjectNode response, String decision, String rules) {
        ObjectNode audit = response.putObject("auditAnnotations").put("decision", decision);
        if (!rules.isEmpty()) {
            audit.put("rules", rules);
        }
    }

    private static byte[] review(ObjectNode response) {
        ObjectNode review = JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", API_VERSION)
                .put("kind", KIND);
        review.set("response", response);
        return JSON.writeValueAsBytes(review);
    }
}
