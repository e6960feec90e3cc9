// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Which policies the API server judges by itself.
class BindingTest {
    private static List<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj((prefix + "%03d")::formatted).toList();
    }

    private static Set<String> set(String prefix, int count) {
        return Set.copyOf(names(prefix, count));
    }

    @Test
    void allAreWhereNoNamespaceHasMany() {
        List<String> policies = names("p", 200);

        assertThat(Binding.bound(policies, policies.stream().map(Set::of).toList()))
                .containsExactlyElementsOf(policies);
    }

    @Test
    void theFirstAreWhereAllAreAboutOneNamespace() {
        assertThat(Binding.bound(names("p", 200), List.of(set("p", 200), set("p", 200))))
                .containsExactlyElementsOf(names("p", Binding.MOST));
    }

    @Test
    void thoseAboutTheMostNamespacesComeFirst() {
        Set<String> full = new java.util.HashSet<>(set("p", Binding.MOST));
        full.add("z");

        assertThat(Binding.bound(List.of("z", "p000"), List.of(full, Set.of("z"))))
                .as("not full yet")
                .containsExactly("z", "p000");
        List<String> all = new java.util.ArrayList<>(names("p", Binding.MOST));
        all.add("z");
        assertThat(Binding.bound(all, List.of(full, Set.of("z"))))
                .as("z is about two, and one of the others is left out")
                .contains("z")
                .doesNotContain(names("p", Binding.MOST).getLast())
                .hasSize(Binding.MOST);
    }

    @Test
    void whoIsAboutNoNamespaceYetIsBound() {
        assertThat(Binding.bound(List.of("later"), List.of())).containsExactly("later");
    }
}
