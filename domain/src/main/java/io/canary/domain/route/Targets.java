// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which refs of a route that is not split are to be split: those to the root Service, or what stands for it.
///
/// That are refs to the root of a weight above 0. Refs to versions stand for it beside one to the root, where a rule
/// names two versions or more (a split made by hand), or where the route names the root nowhere; else a user goes to
/// one version on purpose.
record Targets(Backends backends, boolean rootNamed) {
    static Targets of(Backends backends, List<Object> rules) {
        return new Targets(
                backends, rules.stream().anyMatch(rule -> refs(rule).stream().anyMatch(backends::isRoot)));
    }

    /// The refs of `rule` in runs.
    List<Refs.Run> runs(Map<String, Object> rule) {
        List<Object> refs = refs(rule);
        boolean several = refs.stream()
                        .filter(backends::isVersion)
                        .map(Refs::name)
                        .distinct()
                        .count()
                > 1;
        boolean versions = refs.stream().anyMatch(this::isLiveRoot) || several || !rootNamed;
        List<Boolean> own = refs.stream()
                .map(ref -> isLiveRoot(ref) || (versions && backends.isVersion(ref)))
                .toList();
        return Refs.runs(refs, own, backends::isRoot);
    }

    /// Whether a run is split. One of weight 0 has been taken out of traffic on purpose.
    static boolean isSplit(Refs.Run run) {
        return run.own() && run.weight() > 0;
    }

    /// The first ref of `rule` that is split, if any.
    Optional<Object> first(Map<String, Object> rule) {
        return runs(rule).stream()
                .filter(Targets::isSplit)
                .map(run -> run.refs().getFirst())
                .findFirst();
    }

    private boolean isLiveRoot(Object ref) {
        return backends.isRoot(ref) && Backends.weight(ref) > 0;
    }

    static List<Object> refs(Object rule) {
        return Trees.list(JsonObject.of(rule).fields(), "backendRefs");
    }
}
