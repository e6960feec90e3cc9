// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.RouteFacts;
import io.canary.domain.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The Services of one app, and which refs name them.
///
/// @param versions the Services of its versions
/// @param ours those of them that we made
public record Backends(String namespace, String root, Set<String> versions, Set<String> ours) {
    /// The weight that marks a rule which we put before a user's: the highest there is, on its only ref, where any
    /// weight means everything. The mark outlives pruned fields, backups without annotations and edits of all else.
    public static final int MARK = RouteFacts.MARK;

    public Backends {
        versions = Set.copyOf(versions);
        ours = Set.copyOf(ours);
    }

    /// With the Services that we wrote into a route earlier; they count as ours unless known as a user's.
    Backends and(Set<String> written) {
        Set<String> all = new HashSet<>(versions);
        all.addAll(written);
        Set<String> made = new HashSet<>(written);
        made.removeAll(versions);
        made.addAll(ours);
        return new Backends(namespace, root, all, made);
    }

    boolean isRoot(Object ref) {
        return isService(JsonObject.of(ref)) && JsonObject.of(ref).text("name").equals(root);
    }

    boolean isVersion(Object ref) {
        return isService(JsonObject.of(ref))
                && versions.contains(JsonObject.of(ref).text("name"));
    }

    boolean isOurs(Object ref) {
        return isService(JsonObject.of(ref)) && ours.contains(JsonObject.of(ref).text("name"));
    }

    /// Whether `rule` is one that we put before a user's, for this app.
    boolean generated(Map<?, ?> rule) {
        List<Object> refs = Trees.list(rule, "backendRefs");
        return isMarked(refs) && isVersion(refs.getFirst());
    }

    static boolean isMarked(List<Object> refs) {
        return refs.size() == 1 && weight(refs.getFirst()) == MARK;
    }

    static int weight(Object ref) {
        return Math.clamp(JsonObject.of(ref).count("weight", 1), 0, MARK);
    }

    private boolean isService(JsonObject ref) {
        return ref.text("group").isEmpty()
                && (!ref.has("kind") || ref.text("kind").equals("Service"))
                && (!ref.has("namespace") || ref.text("namespace").equals(namespace));
    }
}
