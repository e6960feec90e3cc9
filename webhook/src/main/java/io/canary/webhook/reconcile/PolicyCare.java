// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.App;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Binding;
import io.canary.domain.policy.Compliance;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyStatus;
import io.canary.domain.policy.Violations;
import io.canary.webhook.kube.Api;
import io.canary.webhook.kube.ApiException;
import io.canary.webhook.kube.CanaryPolicies;
import io.canary.webhook.reconcile.FactStore.Held;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the status of each CanaryPolicy, and the bindings by which the API server enforces them: at every change of a
/// policy, at the edges of windows and exemptions, and every ten minutes. Writes differences only, as the leader only.
final class PolicyCare {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyCare.class);
    private static final Duration AUDIT = Duration.ofMinutes(10);
    private static final Duration PACE = Duration.ofMillis(200); // changes that come together are one round
    private static final Duration AGAIN = Duration.ofSeconds(15);
    private static final int REST = 10; // times as long as the last audit took
    private static final String BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/";
    private static final String POLICIES = "/apis/" + CanaryPolicies.GROUP + "/v1/" + CanaryPolicies.PLURAL + "/";

    private final ClusterCache cache;
    private final Api api;
    private final InstantSource wall;
    private final BooleanSupplier leads;
    private final Counter errors;
    private final MultiGauge violations;
    private final MultiGauge freezes;
    private Audit audited = Audit.NONE; // of the loop alone
    private boolean due; // guarded by this
    private boolean closed; // guarded by this

    /// @param wall the time on the wall: windows are of it
    PolicyCare(ClusterCache cache, Api api, InstantSource wall, BooleanSupplier leads, MeterRegistry metrics) {
        this.cache = cache;
        this.api = api;
        this.wall = wall;
        this.leads = leads;
        this.errors = metrics.counter("canary.policy.errors");
        this.violations = MultiGauge.builder("canary.policy.violations").register(metrics);
        this.freezes = MultiGauge.builder("canary.policy.freeze.active").register(metrics);
    }

    /// Which apps break which policies, and how many each is about.
    ///
    /// @param of those that it was made by
    /// @param until when time may make another of it
    /// @param rest before when none is made again, whatever changes: it took long
    private record Audit(
            List<Policy> of,
            Instant until,
            Instant rest,
            Map<String, Violations> violations,
            Map<String, Integer> matched) {
        static final Audit NONE = new Audit(List.of(), Instant.MIN, Instant.MIN, Map.of(), Map.of());

        /// When another is due where these policies stand.
        Instant due(List<Policy> policies) {
            return policies.equals(of) && until.isAfter(rest) ? until : rest;
        }

        Violations violations(String policy) {
            return violations.getOrDefault(policy, new Violations());
        }
    }

    void start() {
        Thread.ofVirtual().name("policies").start(this::loop);
    }

    /// Looks again soon.
    synchronized void wake() {
        due = true;
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void loop() {
        Instant next = wall.instant().plus(AUDIT);
        while (await(next)) {
            try {
                next = leads.getAsBoolean() ? round() : wall.instant().plus(AUDIT);
            } catch (RuntimeException | Error e) { // or there would never be another round
                errors.increment();
                LOG.atError().setCause(e).log("the policies' status could not be made");
                next = wall.instant().plus(AGAIN);
            }
        }
    }

    /// Waits until woken, or it is `next` on the wall; false when closed.
    private synchronized boolean await(Instant next) {
        try {
            // Looks at least once a minute: the clock may be set, and a machine may sleep.
            while (!due && !closed && wall.instant().isBefore(next)) {
                long millis = Duration.between(wall.instant(), next).toMillis();
                wait(Math.max(1, Math.min(60_000, millis)));
            }
            long end = System.nanoTime() + PACE.toNanos();
            while (due && !closed && System.nanoTime() - end < 0) {
                wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException _) {
            return false;
        }
        due = false;
        return !closed;
    }

    /// Makes and writes all statuses and bindings; returns when to look again.
    private Instant round() {
        Instant now = wall.instant();
        List<Held<CanaryPolicies.Stored>> stored = cache.policies();
        List<Policy> policies =
                stored.stream().map(held -> held.facts().read().policy()).toList();
        // Most rounds follow what we wrote ourselves, and looking at every app by every policy is by far the most of
        // the work: the last audit serves as long as it holds.
        if (!now.isBefore(audited.due(policies))) {
            audited = audit(policies, now);
        }
        boolean all = true;
        Set<String> bound = Binding.bound(
                policies.stream().filter(Policy::denies).map(Policy::name).toList(), cache.policiesByNamespace());
        for (Held<CanaryPolicies.Stored> held : stored) {
            all &= care(held, bound, audited, now);
        }
        all &= dropBindings(stored);
        gauges(stored, audited, now);
        return all ? firstEdge(policies, now, audited.due(policies)) : now.plus(AGAIN);
    }

    /// `latest`, or before it when time alone makes another status of a policy.
    private static Instant firstEdge(List<Policy> policies, Instant now, Instant latest) {
        return policies.stream()
                .flatMap(policy -> Stream.ofNullable(PolicyStatus.nextEdge(policy, now)))
                .reduce(latest, (first, edge) -> edge.isBefore(first) ? edge : first);
    }

    /// After a change it is made once more, when watches have brought what came with it; and it takes a small part of
    /// the time, however many policies come one after another.
    private Audit audit(List<Policy> policies, Instant now) {
        long began = System.nanoTime();
        Map<String, Violations> violations = new HashMap<>();
        Map<String, Integer> matched = new HashMap<>();
        Map<String, List<AppKey>> apps =
                policies.isEmpty() ? Map.of() : cache.apps().stream().collect(Collectors.groupingBy(AppKey::namespace));
        apps.forEach((namespace, keys) -> {
            Policies about = cache.policies(namespace);
            if (!about.isEmpty()) {
                NamespaceView view = cache.view(namespace);
                keys.forEach(key -> look(view.app(key.app()), about, violations, matched, now));
            }
        });
        boolean changed = !policies.equals(audited.of());
        Instant until = firstEdge(policies, now, now.plus(changed ? AGAIN : AUDIT));
        Instant rest = now.plusNanos((System.nanoTime() - began) * REST);
        return new Audit(policies, until, rest, violations, matched);
    }

    private static void look(
            App app, Policies policies, Map<String, Violations> violations, Map<String, Integer> matched, Instant now) {
        Set<String> about = new HashSet<>();
        app.versions().stream()
                .filter(v -> v.takesPart())
                .forEach(v -> policies.policies().stream()
                        .filter(p -> p.match().selector().matches(v.deployment().labels()))
                        .forEach(p -> about.add(p.name())));
        about.forEach(name -> matched.merge(name, 1, Integer::sum));
        for (Compliance.Breach breach : Compliance.of(app, policies, now)) {
            violations
                    .computeIfAbsent(breach.finding().policy(), _ -> new Violations())
                    .add(breach);
        }
    }

    /// Brings status, then binding, then status again to what they should be: a binding judges by the status.
    private boolean care(Held<CanaryPolicies.Stored> held, Set<String> toBind, Audit audit, Instant now) {
        Policy policy = held.facts().read().policy();
        boolean leftOut = policy.denies() && !toBind.contains(policy.name());
        Map<String, Object> binding = leftOut ? null : CanaryPolicies.binding(policy);
        Map<?, ?> stands = cache.binding(CanaryPolicies.binding(policy.name()));
        boolean bound = binding == null ? stands == null : stands(binding, stands);
        try {
            write(held, audit, leftOut ? Binding.LEFT_OUT : bound ? Binding.STANDS : Binding.PENDING, now);
            if (!bound && binding != null) {
                api.apply(BINDINGS + CanaryPolicies.binding(policy.name()), binding, Map.class);
                // The watch of bindings brings the next round, which tells that it stands.
            } else if (!bound) {
                remove(CanaryPolicies.binding(policy.name()));
            }
            return true;
        } catch (ApiException e) {
            failed(policy.name(), e);
            return e.conflict() || e.notFound(); // the watch brings what is new
        }
    }

    private static boolean stands(Map<String, Object> wanted, @Nullable Map<?, ?> stands) {
        if (stands == null) {
            return false;
        }
        JsonObject want = JsonObject.of(wanted.get("spec"));
        JsonObject have = new JsonObject(stands);
        JsonObject match = want.object("matchResources");
        JsonObject present = have.object("matchResources");
        boolean narrowed = present.has("resourceRules") || present.has("excludeResourceRules");
        return !narrowed
                && want.text("policyName").equals(have.text("policyName"))
                && want.object("paramRef")
                        .fields()
                        .equals(have.object("paramRef").fields())
                && want.texts("validationActions").equals(have.texts("validationActions"))
                && Objects.equals(
                        match.object("namespaceSelector").fields(),
                        present.object("namespaceSelector").fields())
                && Objects.equals(
                        match.object("objectSelector").fields(),
                        present.object("objectSelector").fields());
    }

    private void write(Held<CanaryPolicies.Stored> held, Audit audit, Binding binding, Instant now) {
        CanaryPolicies.Stored stored = held.facts();
        String name = stored.read().policy().name();
        PolicyStatus status = PolicyStatus.of(
                stored.read(),
                audit.matched().getOrDefault(name, 0),
                audit.violations(name),
                binding,
                stored.generation(),
                now);
        Map<String, Object> json = CanaryPolicies.json(status, stored.status(), now);
        if (same(json, stored.status())) {
            return;
        }
        Map<String, Object> freeze = new HashMap<>();
        JsonObject.of(json.get("freeze")).fields().forEach((key, value) -> freeze.put(String.valueOf(key), value));
        // A merge patch keeps what it does not name: what ended is taken out by null.
        for (String field : List.of("window", "until", "next")) {
            freeze.putIfAbsent(field, null);
        }
        Map<String, Object> patched = new HashMap<>(json);
        patched.put("freeze", freeze);
        api.merge(
                POLICIES + name + "/status",
                Map.of("metadata", Map.of("uid", held.uid()), "status", patched),
                Map.class);
    }

    /// Whether the status stands so already. JSON knows one kind of number, Java several.
    private static boolean same(Map<String, Object> json, JsonObject stands) {
        return json.keySet().equals(stands.fields().keySet())
                && json.entrySet().stream().allMatch(entry -> {
                    Object other = stands.fields().get(entry.getKey());
                    if (entry.getValue() instanceof Number a && other instanceof Number b) {
                        return a.longValue() == b.longValue();
                    }
                    return Objects.equals(entry.getValue(), other);
                });
    }

    private boolean dropBindings(List<Held<CanaryPolicies.Stored>> policies) {
        Set<String> wanted = policies.stream()
                .map(held -> CanaryPolicies.binding(held.facts().read().policy().name()))
                .collect(Collectors.toSet());
        boolean all = true;
        for (String name : cache.bindingNames()) {
            if (!wanted.contains(name)) {
                try {
                    remove(name);
                } catch (ApiException e) {
                    failed(name, e);
                    all = false;
                }
            }
        }
        return all;
    }

    private void remove(String binding) {
        Held<?> held = cache.bindings.held("", binding);
        if (held == null) {
            return;
        }
        try {
            api.delete(BINDINGS + binding, held.uid(), held.version());
        } catch (ApiException e) {
            if (!e.notFound()) {
                throw e;
            }
        }
    }

    private void failed(String policy, ApiException e) {
        errors.increment();
        LOG.atWarn()
                .addKeyValue("policy", policy)
                .addKeyValue("cause", e.getMessage())
                .log("status or binding of a policy could not be written");
    }

    private void gauges(List<Held<CanaryPolicies.Stored>> policies, Audit audit, Instant now) {
        List<MultiGauge.Row<?>> broken = new ArrayList<>();
        audit.violations()
                .forEach((policy, of) -> of.byRule()
                        .forEach((rule, count) ->
                                broken.add(MultiGauge.Row.of(Tags.of("policy", policy, "rule", rule.text()), count))));
        violations.register(broken, true);
        List<MultiGauge.Row<?>> frozen = new ArrayList<>();
        for (Held<CanaryPolicies.Stored> held : policies) {
            Policy policy = held.facts().read().policy();
            policy.windows()
                    .forEach(window -> frozen.add(MultiGauge.Row.of(
                            Tags.of("policy", policy.name(), "window", window.name()),
                            window.at(now).isPresent() ? 1 : 0)));
        }
        freezes.register(frozen, true);
    }
}
