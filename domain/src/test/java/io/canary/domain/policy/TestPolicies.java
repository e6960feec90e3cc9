// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.Problem;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// Policies from their YAML, read as those of a cluster are.
public final class TestPolicies {
    private TestPolicies() {}

    /// The policy `prod` with this `spec`.
    public static Policy prod(String spec) {
        return named("prod", spec);
    }

    public static Policy named(String name, String spec) {
        PolicyReader.Read read = read(name, spec);
        if (!read.problems().isEmpty()) {
            throw new AssertionError(read.problems());
        }
        return read.policy();
    }

    static List<String> problems(String spec) {
        return read("prod", spec).problems().stream().map(Problem::message).toList();
    }

    static PolicyReader.Read read(String name, String spec) {
        Object tree = new Load(LoadSettings.builder().build()).loadFromString("{" + spec + "}");
        return PolicyReader.read(
                new JsonObject(Map.of("metadata", Map.of("name", name, "uid", "uid-" + name), "spec", tree)));
    }

    /// All of them, about namespace `shop`.
    public static Policies of(Policy... policies) {
        return new Policies("shop", new ArrayList<>(List.of(policies)));
    }
}
