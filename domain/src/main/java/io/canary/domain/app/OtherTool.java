// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Another tool for progressive delivery that already runs a Deployment or a root Service: both would write replicas
/// and routes of one app (admission.md section 6). Told by what each leaves on the objects it works on.
public enum OtherTool {
    /// Its Services carry its hash in their selector and an annotation that names the Rollout.
    ARGO_ROLLOUTS("Argo Rollouts", "argoproj.io/", List.of("argo-rollouts.argoproj.io/", "rollouts-pod-template-hash")),
    /// It controls the Services of its app; the Deployment it watches carries nothing.
    FLAGGER("Flagger", "flagger.app/", List.of("flagger.app/")),
    /// It notes its progress on the Deployment itself.
    KRUISE_ROLLOUTS(
            "OpenKruise Rollouts",
            "rollouts.kruise.io/",
            List.of("rollouts.kruise.io/", "batchrelease.rollouts.kruise.io/"));

    private final String title;
    private final String group;

    @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed
    private final List<String> keys;

    OtherTool(String title, String group, List<String> keys) {
        this.title = title;
        this.group = group;
        this.keys = keys;
    }

    /// As its makers write its name.
    public String title() {
        return title;
    }

    /// Whether `key` of a label, an annotation or a selector is left by any of them.
    public static boolean leaves(String key) {
        for (OtherTool tool : values()) {
            if (tool.marks(key)) {
                return true;
            }
        }
        return false;
    }

    /// The tool that runs an object, or null.
    ///
    /// @param controllerVersion `apiVersion` of the owner that controls it, empty where none does
    /// @param marked labels, annotations, and the selector if the object is a Service
    public static @Nullable OtherTool of(String controllerVersion, List<Map<String, String>> marked) {
        for (OtherTool tool : values()) {
            if (controllerVersion.startsWith(tool.group)
                    || marked.stream().anyMatch(map -> map.keySet().stream().anyMatch(tool::marks))) {
                return tool;
            }
        }
        return null;
    }

    private boolean marks(String key) {
        for (String start : keys) {
            if (key.startsWith(start)) {
                return true;
            }
        }
        return false;
    }
}
