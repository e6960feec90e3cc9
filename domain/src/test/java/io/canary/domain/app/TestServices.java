// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        return of(name, Map.of(), Map.of(), selector, "ClusterIP", false, false, false);
    }

    /// With the annotation `canary.io/<key>`.
    public TestServices with(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(facts.annotations());
        more.put(CanaryKey.PREFIX + key, value);
        return annotated(more);
    }

    public TestServices annotated(Map<String, String> annotations) {
        return of(
                facts.name(),
                facts.labels(),
                annotations,
                facts.selector(),
                facts.type(),
                facts.headless(),
                facts.sticky(),
                facts.deleting());
    }

    public TestServices labelled(Map<String, String> labels) {
        return of(
                facts.name(),
                labels,
                facts.annotations(),
                facts.selector(),
                facts.type(),
                facts.headless(),
                facts.sticky(),
                facts.deleting());
    }

    public TestServices type(String type, boolean headless) {
        return of(
                facts.name(),
                facts.labels(),
                facts.annotations(),
                facts.selector(),
                type,
                headless,
                facts.sticky(),
                facts.deleting());
    }

    /// With `sessionAffinity: ClientIP`.
    public TestServices sticky() {
        return of(
                facts.name(),
                facts.labels(),
                facts.annotations(),
                facts.selector(),
                facts.type(),
                facts.headless(),
                true,
                facts.deleting());
    }

    private static TestServices of(
            String name,
            Map<String, String> labels,
            Map<String, String> annotations,
            Map<String, String> selector,
            String type,
            boolean headless,
            boolean sticky,
            boolean deleting) {
        return new TestServices(new ServiceFacts(
                "shop",
                name,
                "uid-" + name,
                labels,
                annotations,
                selector,
                type,
                headless,
                sticky,
                List.of(new ServiceFacts.Port("http", 80, "8080", "TCP", null)),
                List.of("IPv4"),
                "SingleStack",
                deleting,
                null));
    }
}
