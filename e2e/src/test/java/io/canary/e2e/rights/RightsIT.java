// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.rights;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the product's account is granted is what it used in all stories before, in both directions (threat
/// T15). Runs after them, without a cluster, on the lists that their clusters left.
@Tag("rights")
class RightsIT {
    private static final Path MANIFESTS = InstalledProduct.root().resolve("manifests/base");

    /// Granted for what the audit log does not show: who writes a binding must be able to read its param, which
    /// the API server checks within that request.
    private static final Set<String> NOT_SHOWN = Set.of("get canary.io canarypolicies");

    private static Set<String> used() throws IOException {
        Path folder = Path.of("target", "rights");
        List<Path> files = List.of(folder.resolve("stories"), folder.resolve("alone"));
        Assumptions.assumeTrue(files.stream().allMatch(Files::exists), "all stories ran before, without -Dit.test");
        Set<String> used = new TreeSet<>();
        for (Path file : files) {
            used.addAll(Files.readAllLines(file));
        }
        return used;
    }

    private static Set<String> granted() throws IOException {
        return Stream.concat(everywhere(), here())
                .flatMap(RightsIT::rights)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<PolicyRule> everywhere() throws IOException {
        return documents("20-ClusterRole.yaml", ClusterRole.class)
                .filter(role -> role.getMetadata().getName().equals("canary"))
                .flatMap(role -> role.getRules().stream());
    }

    private static Stream<PolicyRule> here() throws IOException {
        return documents("21-Role.yaml", Role.class).flatMap(role -> role.getRules().stream());
    }

    private static <T> Stream<T> documents(String file, Class<T> type) throws IOException {
        return Arrays.stream(Files.readString(MANIFESTS.resolve(file)).split("(?m)^---$"))
                .filter(text -> text.contains("\nkind: " + type.getSimpleName() + "\n"))
                .map(text -> Serialization.unmarshal(text, type));
    }

    private static Stream<String> rights(PolicyRule rule) {
        return rule.getApiGroups().stream()
                .flatMap(group -> rule.getResources().stream()
                        .flatMap(resource -> rule.getVerbs().stream()
                                .map(verb -> "%s %s %s".formatted(verb, group.isEmpty() ? "core" : group, resource))));
    }

    /// The audit log shows verbs, not how widely they were granted.
    @Test
    void noRightToSharedKindsIsWiderThanNamesOrOurNamespace() throws IOException {
        assertThat(everywhere().flatMap(rule -> rule.getResources().stream()))
                .doesNotContain("secrets", "leases", "pods", "configmaps", "serviceaccounts", "*");
        Set<String> byName = Set.of(
                "secrets",
                "leases",
                "customresourcedefinitions",
                "mutatingwebhookconfigurations",
                "validatingwebhookconfigurations");
        assertThat(Stream.concat(everywhere(), here())
                        .filter(rule -> rule.getResources().stream().anyMatch(byName::contains))
                        .filter(rule -> !rule.getVerbs().equals(List.of("create")))) // a name is not known at a create
                .isNotEmpty()
                .allMatch(rule -> !rule.getResourceNames().isEmpty());
    }

    @Test
    void nothingIsUsedThatIsNotGranted() throws IOException {
        assertThat(granted()).containsAll(used());
    }

    @Test
    void nothingIsGrantedThatIsNotUsed() throws IOException {
        Set<String> idle = granted();
        idle.removeAll(used());

        assertThat(idle).isEqualTo(new TreeSet<>(NOT_SHOWN));
    }
}
