// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Fingerprint;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/// The backendRefs of a rule, as a list of runs: some refs belong together, others stand for themselves.
final class Refs {
    private Refs() {}

    /// Refs that stand one after another.
    ///
    /// @param own whether they are the app's
    record Run(boolean own, List<Object> refs) {
        Run {
            refs = List.copyOf(refs);
        }

        long weight() {
            return refs.stream().mapToLong(Backends::weight).sum();
        }

        Object port() {
            return Objects.requireNonNullElse(
                    JsonObject.of(refs.getFirst()).fields().get("port"), "");
        }

        /// Where they differ by this alone they are the same.
        static String hash(Object ref) {
            Map<String, Object> json = Trees.copy(JsonObject.of(ref).fields());
            json.remove("weight");
            return Fingerprint.of(json);
        }
    }

    /// `refs` in runs, `own` tells of each whether it is the app's. Own refs that follow each other are one run as long
    /// as their port is one and no Service comes
    /// twice: so two sets of parts side by side are two runs. Each other ref is a run by itself, and so is a root.
    static List<Run> runs(List<Object> refs, List<Boolean> own, Predicate<Object> root) {
        List<Run> runs = new ArrayList<>();
        List<Object> open = new ArrayList<>();
        Set<String> services = new HashSet<>();
        for (int i = 0; i < refs.size(); i++) {
            Object ref = refs.get(i);
            boolean joins = own.get(i) && !root.test(ref);
            boolean follows = !open.isEmpty()
                    && joins
                    && Trees.same(port(open.getFirst()), port(ref))
                    && !services.contains(name(ref));
            if (!follows && !open.isEmpty()) {
                runs.add(new Run(true, open));
                open = new ArrayList<>();
                services.clear();
            }
            if (joins) {
                open.add(ref);
                services.add(name(ref));
            } else {
                runs.add(new Run(own.get(i), List.of(ref)));
            }
        }
        if (!open.isEmpty()) {
            runs.add(new Run(true, open));
        }
        return runs;
    }

    static String name(Object ref) {
        return JsonObject.of(ref).text("name");
    }

    private static @org.jspecify.annotations.Nullable Object port(Object ref) {
        return JsonObject.of(ref).fields().get("port");
    }

    /// `ref` with another weight; the very same where it has that already.
    static Object weighing(Object ref, int weight) {
        if (Backends.weight(ref) == weight) {
            return ref;
        }
        Map<String, Object> json = Trees.copy(JsonObject.of(ref).fields());
        json.put("weight", weight);
        return json;
    }

    /// What tells `ref` from the ones `before` it in the same rule.
    static String mark(Object ref, List<Object> before) {
        String hash = Run.hash(ref);
        long alike =
                before.stream().filter(other -> Run.hash(other).equals(hash)).count();
        return alike == 0 ? hash : hash + "/" + alike;
    }

    /// A hash of `refs` with their weights; nothing where there are none.
    static String hash(List<Object> refs) {
        return refs.isEmpty()
                ? ""
                : Fingerprint.of(refs.stream()
                        .map(ref -> List.of(Run.hash(ref), Backends.weight(ref)))
                        .toList());
    }

    /// A hash of `rule` without its refs.
    static String rest(Map<?, ?> rule) {
        Map<String, Object> json = Trees.copy(rule);
        json.remove("backendRefs");
        return Fingerprint.of(json);
    }
}
