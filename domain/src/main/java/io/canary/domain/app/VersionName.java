// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

/// How a version got its name (design section 3), and whether its pods carry it.
///
/// @param name a DNS-1035 label, unless its owner wrote another and no key of ours
/// @param labelled whether the pod template carries the label `version` with this name, and it can end the name of a
///     Service: only then can one tell its pods from other versions'
public record VersionName(String name, boolean labelled) {
    /// The pod label that holds a version's name.
    public static final String LABEL = "version";

    /// The name of `deployment` in `app`: the template's label, else `canary.io/version`, else the Deployment's
    /// name after `<app>-`, else the Deployment's name. No image tag names a version.
    public static VersionName of(String app, DeploymentFacts deployment) {
        String label = deployment.templateLabels().get(LABEL);
        if (label != null && !label.isEmpty()) {
            return new VersionName(label, Names.isDns1035(label) && Names.isDns1035(Names.versionService(app, label)));
        }
        String asked = deployment.get(CanaryKey.VERSION);
        if (asked != null && !asked.isEmpty()) {
            return new VersionName(asked, false);
        }
        String name = deployment.name();
        String prefix = app + "-";
        boolean prefixed = name.startsWith(prefix) && name.length() > prefix.length();
        return new VersionName(prefixed ? name.substring(prefix.length()) : name, false);
    }
}
