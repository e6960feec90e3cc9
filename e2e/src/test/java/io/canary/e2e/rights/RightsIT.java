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
        Stream<PolicyRule> everywhere = documents("20-ClusterRole.yaml", ClusterRole.class)
                .filter(role -> role.getMetadata().getName().equals("canary"))
                .flatMap(role -> role.getRules().stream());
        Stream<PolicyRule> here = documents("21-Role.yaml", Role.class).flatMap(role -> role.getRules().stream());
        return Stream.concat(everywhere, here).flatMap(RightsIT::rights).collect(Collectors.toCollection(TreeSet::new));
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
