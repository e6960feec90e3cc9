// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

/// Something that a user may or may not do, as a SubjectAccessReview asks it.
///
/// @param group of the API, empty for the core
/// @param subresource empty for none
/// @param name of the object; empty for all, as at create
public record Right(String group, String resource, String subresource, String verb, String namespace, String name) {
    /// The same to all objects of the kind, in the namespace.
    public Right ofAll() {
        return new Right(group, resource, subresource, verb, namespace, "");
    }

    /// As `patch deployments.apps/scale "order-v1" in namespace shop`.
    public String text() {
        return verb + " " + resource + (group.isEmpty() ? "" : "." + group)
                + (subresource.isEmpty() ? "" : "/" + subresource) + (name.isEmpty() ? "" : " \"" + name + "\"");
    }

    /// The question as `kubectl auth can-i` takes it, without the user.
    public String canI() {
        return "kubectl auth can-i " + verb + " " + resource + (group.isEmpty() ? "" : "." + group)
                + (name.isEmpty() ? "" : "/" + name)
                + (subresource.isEmpty() ? "" : " --subresource=" + subresource)
                + " -n " + namespace;
    }
}
