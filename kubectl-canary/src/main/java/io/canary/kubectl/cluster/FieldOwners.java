// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import io.canary.domain.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Who last wrote a field of an object, by `metadata.managedFields`; nothing where kubectl was not asked to show them.
public final class FieldOwners {
    /// The managers of tools that apply what is in Git again and again.
    private static final Set<String> GITOPS =
            Set.of("argocd-controller", "kustomize-controller", "helm-controller", "helm", "fleetagent");

    private final List<JsonObject> entries;

    private FieldOwners(List<JsonObject> entries) {
        this.entries = entries;
    }

    public static FieldOwners of(JsonObject object) {
        return new FieldOwners(object.object("metadata").objects("managedFields"));
    }

    /// The managers of an annotation.
    public Set<String> ofAnnotation(String key) {
        return of("f:metadata", "f:annotations", "f:" + key);
    }

    /// The managers of a field of the spec.
    public Set<String> ofSpec(String field) {
        return of("f:spec", "f:" + field);
    }

    /// The GitOps tool that holds an annotation and would write it again.
    public Optional<String> gitOps(String key) {
        return ofAnnotation(key).stream().filter(GITOPS::contains).findFirst();
    }

    /// Whether `manager` applies what is in Git.
    public static boolean isGitOps(String manager) {
        return GITOPS.contains(manager);
    }

    private Set<String> of(String... path) {
        Set<String> managers = new TreeSet<>();
        for (JsonObject entry : entries) {
            JsonObject at = entry.object("fieldsV1");
            for (int i = 0; i < path.length - 1; i++) {
                at = at.object(path[i]);
            }
            if (at.has(path[path.length - 1])) {
                managers.add(entry.text("manager"));
            }
        }
        return managers;
    }
}
