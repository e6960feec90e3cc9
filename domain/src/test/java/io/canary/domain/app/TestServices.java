// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Services for tests, made by saying only what matters: `TestServices.order().with("stable", "v1")`.
public record TestServices(ServiceFacts facts) {
    /// The root Service `order`: selects `app: order`, port 80.
    public static TestServices order() {
        return named("order", Map.of("app", "order"));
    }

    /// The Service `order-<version>`, made by us.
    public static TestServices ofVersion(String version) {
        return named("order-" + version, Map.of("app", "order", "version", version))
                .labelled(Map.of(CanaryKey.APP.text(), "order"));
    }

    public static TestServices named(String name, Map<String, String> selector) {
        return new TestServices(new ServiceFacts(
                "shop",
                name,
                "uid-" + name,
                Map.of(),
                Map.of(),
                selector,
                "ClusterIP",
                false,
                false,
                List.of(new ServiceFacts.Port("http", 80, "8080", "TCP", null)),
                List.of("IPv4"),
                "SingleStack",
                false,
                null));
    }

    /// With the annotation `canary.io/<key>`.
    public TestServices with(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(facts.annotations());
        more.put(CanaryKey.PREFIX + key, value);
        return annotated(more);
    }

    public TestServices annotated(Map<String, String> annotations) {
        return changed(draft -> draft.annotations = annotations);
    }

    public TestServices labelled(Map<String, String> labels) {
        return changed(draft -> draft.labels = labels);
    }

    public TestServices type(String type, boolean headless) {
        return changed(draft -> {
            draft.type = type;
            draft.headless = headless;
        });
    }

    /// With `sessionAffinity: ClientIP`.
    public TestServices sticky() {
        return changed(draft -> draft.sticky = true);
    }

    public TestServices ports(List<ServiceFacts.Port> ports) {
        return changed(draft -> draft.ports = ports);
    }

    /// @param families the first one first; with several it prefers both
    public TestServices families(String... families) {
        return changed(draft -> {
            draft.ipFamilies = List.of(families);
            draft.ipFamilyPolicy = families.length > 1 ? "PreferDualStack" : "SingleStack";
        });
    }

    private TestServices changed(Consumer<Draft> change) {
        Draft draft = new Draft(facts);
        change.accept(draft);
        return new TestServices(draft.facts());
    }

    private static final class Draft {
        private final ServiceFacts from;
        private Map<String, String> labels;
        private Map<String, String> annotations;
        private String type;
        private boolean headless;
        private boolean sticky;
        private List<ServiceFacts.Port> ports;
        private List<String> ipFamilies;
        private @Nullable String ipFamilyPolicy;

        private Draft(ServiceFacts from) {
            this.from = from;
            labels = from.labels();
            annotations = from.annotations();
            type = from.type();
            headless = from.headless();
            sticky = from.sticky();
            ports = from.ports();
            ipFamilies = from.ipFamilies();
            ipFamilyPolicy = from.ipFamilyPolicy();
        }

        private ServiceFacts facts() {
            return new ServiceFacts(
                    from.namespace(),
                    from.name(),
                    from.uid(),
                    labels,
                    annotations,
                    from.selector(),
                    type,
                    headless,
                    sticky,
                    ports,
                    ipFamilies,
                    ipFamilyPolicy,
                    from.deleting(),
                    from.tool());
        }
    }
}
