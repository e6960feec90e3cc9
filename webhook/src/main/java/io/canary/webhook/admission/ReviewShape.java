// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.OtherTool;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is read of an AdmissionReview: everything else is checked to be JSON and dropped, so that neither size nor
/// number of values in pod specs, managed fields or status costs memory.
///
/// @param fields the fields that are kept, with their shapes; elements of an array have the shape of the array
/// @param rest the shape of all other fields, or null to drop them
/// @param onlyOurs whether of the other fields only those that start with `canary.io/`, or that another tool leaves,
/// are kept
/// @param hashed whether all of it, also what is dropped, leaves a hash beside it ([#hashOf])
record ReviewShape(
        Map<String, ReviewShape> fields, @Nullable ReviewShape rest, boolean onlyOurs, boolean hashed) {
    /// A string, number, boolean or null; an object or array in its place is kept as an empty one.
    static final ReviewShape VALUE = new ReviewShape(Map.of(), null, false, false);

    /// All there is, as deep as the reader goes: the rules of a route are written back.
    private static final ReviewShape WHOLE = new ReviewShape(Map.of(), VALUE, false, false);

    /// A list of such values.
    private static final ReviewShape LIST = new ReviewShape(Map.of(), null, false, false);

    private static final ReviewShape STRINGS = new ReviewShape(Map.of(), VALUE, false, false);

    /// The labels of a pod template: compared by themselves, as the mutating hook adds one.
    static final ReviewShape LABELS = new ReviewShape(Map.of(), VALUE, false, false);

    private static final ReviewShape OUR_STRINGS = new ReviewShape(Map.of(), VALUE, true, false);
    private static final ReviewShape METADATA = of(Map.of(
            "name", VALUE,
            "namespace", VALUE,
            "uid", VALUE,
            "creationTimestamp", VALUE,
            "deletionTimestamp", VALUE,
            "labels", STRINGS,
            "annotations", OUR_STRINGS,
            "ownerReferences", values("apiVersion", "kind", "name", "controller")));
    private static final ReviewShape CONTAINER = of(Map.of("name", VALUE, "image", VALUE, "ports", values("hostPort")));
    private static final ReviewShape TEMPLATE = new ReviewShape(
            Map.of(
                    "metadata", of(Map.of("labels", LABELS, "annotations", OUR_STRINGS)),
                    "spec", of(Map.of("hostNetwork", VALUE, "containers", CONTAINER, "initContainers", CONTAINER))),
            null,
            false,
            true);
    private static final ReviewShape SPEC = of(Map.ofEntries(
            Map.entry("replicas", VALUE),
            Map.entry("paused", VALUE),
            Map.entry("progressDeadlineSeconds", VALUE),
            // a Deployment's has matchLabels, a Service's is the labels themselves
            Map.entry("selector", new ReviewShape(Map.of("matchLabels", STRINGS), VALUE, false, false)),
            Map.entry("template", TEMPLATE),
            Map.entry("type", VALUE),
            Map.entry("clusterIP", VALUE),
            Map.entry("sessionAffinity", VALUE),
            Map.entry("ports", values("name", "port", "targetPort", "protocol", "appProtocol")),
            Map.entry("parentRefs", WHOLE),
            Map.entry("rules", WHOLE),
            Map.entry("ipFamilies", LIST),
            Map.entry("ipFamilyPolicy", VALUE),
            // a CanaryPolicy's
            Map.entry("validationActions", LIST),
            Map.entry("actionOverrides", WHOLE),
            Map.entry("match", WHOLE),
            Map.entry("exemptions", WHOLE),
            Map.entry("maxWeight", VALUE),
            Map.entry("maxStep", VALUE),
            Map.entry("weightByAge", WHOLE),
            Map.entry("minReplicas", VALUE),
            Map.entry("maxSplitError", VALUE),
            Map.entry("requiredAnalysis", WHOLE),
            Map.entry("requiredLabels", LIST),
            Map.entry("hosts", WHOLE),
            Map.entry("gateways", WHOLE),
            Map.entry("images", WHOLE),
            Map.entry("authorization", VALUE),
            Map.entry("separationOfDuties", WHOLE),
            Map.entry("windows", WHOLE),
            Map.entry("breakGlass", VALUE)));
    private static final ReviewShape OBJECT =
            of(Map.of("apiVersion", VALUE, "kind", VALUE, "metadata", METADATA, "spec", SPEC));

    /// The shape of a whole review.
    static final ReviewShape REVIEW = of(Map.of(
            "apiVersion",
            VALUE,
            "kind",
            VALUE,
            "request",
            of(Map.ofEntries(
                    Map.entry("uid", VALUE),
                    Map.entry("kind", values("group", "version", "kind")),
                    Map.entry("resource", values("group", "version", "resource")),
                    Map.entry("subResource", VALUE),
                    Map.entry("name", VALUE),
                    Map.entry("namespace", VALUE),
                    Map.entry("operation", VALUE),
                    Map.entry("dryRun", VALUE),
                    Map.entry("userInfo", of(Map.of("username", VALUE, "uid", VALUE, "groups", LIST, "extra", WHOLE))),
                    Map.entry("object", OBJECT),
                    Map.entry("oldObject", OBJECT)))));

    private static final ReviewShape KEYS = of(Map.of("metadata", of(Map.of("annotations", OUR_STRINGS))));

    /// Which review it is, and the keys of the object.
    static final ReviewShape HEAD =
            of(Map.of("request", of(Map.of("uid", VALUE, "operation", VALUE, "object", KEYS, "oldObject", KEYS))));

    /// The name of the field that holds the hash of field `name`: none that an API has.
    static String hashOf(String name) {
        return "\u0000" + name;
    }

    /// The shape of field `name`, or null where it is dropped.
    @Nullable
    @SuppressWarnings("ReferenceEquality") // a record cannot hold itself
    ReviewShape field(String name) {
        if (this == WHOLE) {
            return WHOLE;
        }
        ReviewShape known = fields.get(name);
        return known != null ? known : onlyOurs && !CanaryKey.isCanary(name) && !OtherTool.leaves(name) ? null : rest;
    }

    private static ReviewShape of(Map<String, ReviewShape> fields) {
        return new ReviewShape(fields, null, false, false);
    }

    private static ReviewShape values(String... names) {
        return of(Arrays.stream(names).collect(Collectors.toMap(name -> name, _ -> VALUE)));
    }
}
