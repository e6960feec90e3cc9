// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What decisions read of a route whose parent is the root Service.
///
/// @param ours whether it carries our label `canary.io/app`
/// @param parentPort the port of the root Service in its parentRef; null where it has none, or is not the only one
/// @param entries our rules for canary users, as the API returns them
/// @param rule our rule that divides the rest, as the API returns it; empty where there is none
/// @param refs the backendRefs of that rule (of the first rule with any, where there is none of ours)
/// @param foreignRules rules that are not ours, as the API returns them, kept as they are
/// @param written when we last wrote it by its managed fields (whole seconds), or null
/// @param manager the field manager that last wrote `spec` otherwise than us, or null
/// @param parents what controllers report
public record RouteFacts(
        RouteKind kind,
        String name,
        boolean ours,
        long generation,
        @Nullable Integer parentPort,
        List<Object> entries,
        Map<String, Object> rule,
        List<Ref> refs,
        List<Object> foreignRules,
        @Nullable Instant written,
        @Nullable String manager,
        List<Parent> parents) {
    public RouteFacts {
        entries = List.copyOf(entries);
        refs = List.copyOf(refs);
        foreignRules = List.copyOf(foreignRules);
        parents = List.copyOf(parents);
    }

    /// The weight that marks a rule of ours before the one of the weights: the highest there is, on its only ref, where
    /// any weight means everything.
    public static final int MARK = 1_000_000;

    /// A route with what tells whose it is.
    ///
    /// @param app the value of our label, or null
    /// @param user what else is read of a route that is not ours or is for canary domains, else null
    public record Named(
            RouteFacts route,
            @Nullable String app,
            @Nullable UserRoute user,
            Outward outward) {}

    /// A backendRef.
    public record Ref(String service, @Nullable Integer port, int weight) {}

    /// What one controller reports of one parent.
    ///
    /// @param parent as `Gateway infra/public` or `Service order:80`
    /// @param refsResolvedSince when `ResolvedRefs` took its present value, or null
    public record Parent(
            String parent,
            String controller,
            long observedGeneration,
            boolean accepted,
            boolean resolvedRefs,
            @Nullable Instant refsResolvedSince,
            String reason) {
        /// Why a route is not accepted that has nothing to do with what it says (Gateway API, RouteConditionReason).
        private static final Set<String> NO_BINDING =
                Set.of("", "NoMatchingParent", "NotAllowedByListeners", "NoMatchingListenerHostname", "Pending");

        /// Whether the controller cannot do what the route says, as it stood at the observed generation.
        public boolean rejects() {
            return !accepted && observedGeneration > 0 && !NO_BINDING.contains(reason);
        }
    }

    /// All rules of ours, in their order.
    public List<Object> rules() {
        List<Object> rules = new ArrayList<>(entries);
        if (!rule.isEmpty()) {
            rules.add(rule);
        }
        return rules;
    }

    /// Its kind and name, as `HTTPRoute order`.
    public String title() {
        return kind.text() + " " + name;
    }

    /// Whether a controller accepts the route: then the data plane follows it (design section 7).
    public boolean accepted() {
        return parents.stream().anyMatch(Parent::accepted);
    }

    /// Whether a controller rejects what it says now.
    public boolean rejected() {
        return rejected(parents, generation);
    }

    static boolean rejected(List<Parent> parents, long generation) {
        return parents.stream().anyMatch(parent -> parent.rejects() && parent.observedGeneration() == generation);
    }

    /// Whether each controller that reports has taken in the present weights (design 5.6). A `ResolvedRefs` False
    /// that is older than our write has another cause and is not waited for.
    public boolean current() {
        return !parents.isEmpty() && parents.stream().allMatch(p -> current(p, generation, written));
    }

    static boolean current(Parent parent, long generation, @Nullable Instant written) {
        Instant since = parent.refsResolvedSince();
        boolean older = since != null && written != null && since.isBefore(written);
        return parent.observedGeneration() == generation && parent.accepted() && (parent.resolvedRefs() || older);
    }

    /// The weights of the refs by Service name.
    public Map<String, Integer> weights() {
        return refs.stream().collect(Collectors.toMap(Ref::service, Ref::weight, Integer::sum));
    }
}
