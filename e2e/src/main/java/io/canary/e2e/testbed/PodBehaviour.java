// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// How KWOK plays a pod, as the annotations that choose it: in a Deployment's pod template, or put on running
/// pods by `ControlPlane.behave`. `PodStages` says what happens.
///
/// ```java
/// template.addToAnnotations(PodBehaviour.readyAfter(Duration.ofSeconds(5)).annotations())
/// cluster.behave("app=order,version=v2", PodBehaviour.NEVER_READY); // all lose readiness at once
/// cluster.behave("app=order,version=v2", PodBehaviour.READY);       // and have it again at once
/// ```
public record PodBehaviour(String name, Map<String, String> annotations) {
    static final String BEHAVIOUR = "canary.test/behaviour";
    static final String DELAY = "canary.test/delay";
    static final String PERIOD = "canary.test/period";
    static final String DELETE_AFTER = "canary.test/delete-after";

    /// Running and Ready at once: what happens without any annotation also.
    public static final PodBehaviour READY = of("ready", Map.of());

    /// Running, never Ready; a pod that was Ready loses it at once.
    public static final PodBehaviour NEVER_READY = of("never-ready", Map.of());

    /// In CrashLoopBackOff for 3 s and running for 1 s by turns; never Ready, `restartCount` grows, phase Running.
    public static final PodBehaviour CRASH_LOOP = of("crash-loop", Map.of());

    /// Pending with ImagePullBackOff; a pod that runs already becomes not Ready.
    public static final PodBehaviour IMAGE_MISSING = of("image-missing", Map.of());

    public PodBehaviour {
        annotations = Map.copyOf(annotations);
    }

    /// Running at once, Ready after a delay; a running pod that is not Ready becomes so after it.
    public static PodBehaviour readyAfter(Duration delay) {
        return of("ready-after", Map.of(DELAY, text(delay)));
    }

    /// Ready for a period, not Ready for a period, and so on.
    public static PodBehaviour flapping(Duration period) {
        return of("flapping", Map.of(PERIOD, text(period)));
    }

    /// Besides, the pod stays Terminating for a while when it is deleted, serving if it was Ready.
    public PodBehaviour deletedAfter(Duration delay) {
        var all = new LinkedHashMap<>(annotations);
        all.put(DELETE_AFTER, text(delay));
        return new PodBehaviour(name, all);
    }

    private static PodBehaviour of(String name, Map<String, String> parameters) {
        var all = new LinkedHashMap<>(parameters);
        all.put(BEHAVIOUR, name);
        return new PodBehaviour(name, all);
    }

    private static String text(Duration duration) {
        return duration.toMillis() + "ms";
    }
}
