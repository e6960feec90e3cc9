// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestServices;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Finding;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyReader;
import io.canary.domain.policy.PolicyRule;
import io.canary.domain.policy.Right;
import io.canary.domain.policy.VapEvaluator;
import io.canary.domain.policy.Verb;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The API server's expressions and our engine judge alike what both can see: random policies and edits, the shipped
/// file (policy.md section 7). What the API server refuses, we refuse.
class CelAgreementTest {
    private static final int ROUNDS = 4_000;
    private static final Instant NOW = Instant.parse("2026-11-29T14:00:00Z");
    private static final List<String> WEIGHTS = List.of(
            "", "0", "0.5", "5", "10", "10.0", "12.25", "25", "33.33", "49.99", "50", "50.01", "75", "99.99", "100");
    private static final List<String> HOSTS = List.of(
            "",
            "a.canary.shop.example.com",
            "a.canary.shop.example.com, b.canary.shop.example.com",
            "canary.shop.example.com",
            "evil.example.com",
            "a.canary.shop.example.com,evil.example.com",
            "xcanary.shop.example.com");
    private static final List<String> USERS = List.of("", "header:a=b", "header:a=b, cookie:c=d", "cookie:c=d");
    private static final List<String> IMAGES = List.of(
            "order",
            "order:1",
            "order:latest",
            "order@sha256:aa",
            "order:latest@sha256:aa",
            "host:5000/order",
            "host:5000/order:2",
            "ghcr.io/acme/order:1@sha256:bb",
            "ghcr.io/acmeevil/order:1",
            "ghcr.io/acme/team/order");
    private static final List<String> REASONS =
            List.of("", "", "short", "CHG-1: a long reason", "CHG-2: a long reason");
    private static final Set<PolicyRule> ONE_WAY =
            EnumSet.of(PolicyRule.AUTHORIZATION, PolicyRule.MIN_REPLICAS, PolicyRule.GATEWAYS);

    private final VapEvaluator vap = new VapEvaluator("81-ValidatingAdmissionPolicy-policy.yaml");

    private final Random random = new Random(6);
    private int denied;

    @Test
    void deploymentsAreJudgedAlike() {
        for (int i = 0; i < ROUNDS; i++) {
            Map<String, Object> spec = spec();
            boolean create = random.nextInt(4) == 0;
            Map<String, String> old = create ? Map.of() : keys();
            Map<String, String> now = new HashMap<>(random.nextInt(10) == 0 ? old : keys());
            String spent = old.get("canary.io/spent");
            if (spent != null) {
                now.putIfAbsent(
                        "canary.io/spent", spent); // as the mutating hook puts it back before the API server asks
            }
            Map<String, String> labels =
                    random.nextBoolean() ? Map.of("app", "order") : Map.of("app", "order", "team", "x");
            String image = pick(IMAGES);
            Set<Verb> verbs = verbs();
            Change change = deployment(create, old, now, labels, image);
            compare(
                    spec,
                    change,
                    object(
                            "apps/v1",
                            "Deployment",
                            labels,
                            now,
                            Map.of(
                                    "template",
                                    Map.of(
                                            "spec",
                                            Map.of("containers", List.of(Map.of("name", "c", "image", image)))))),
                    create ? null : object("apps/v1", "Deployment", labels, old, Map.of()),
                    "deployments",
                    verbs);
        }
        assertThat(denied).as("refusals among %s", ROUNDS).isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
    }

    @Test
    void routesAndServicesAreJudgedAlike() {
        List<String> gateways = List.of("infra/public", "shop/inner", "infra/secret");
        for (int i = 0; i < ROUNDS; i++) {
            Map<String, Object> spec = spec();
            if (random.nextBoolean()) {
                List<Map<String, Object>> before = parents(gateways);
                List<Map<String, Object>> after = parents(gateways);
                Map<String, String> old = random.nextBoolean() ? Map.of("canary.io/managed", "true") : Map.of();
                Map<String, String> now =
                        new HashMap<>(Map.of("canary.io/managed", random.nextInt(4) == 0 ? "false" : "true"));
                String reason = pick(REASONS);
                if (!reason.isEmpty()) {
                    now.put("canary.io/override", reason);
                }
                Change change = Requests.change(
                        Change.Operation.UPDATE, "", Requests.ALICE, route(old, before), route(now, after));
                compare(
                        spec,
                        change,
                        object("gateway.networking.k8s.io/v1", "HTTPRoute", Map.of(), now, Map.of("parentRefs", after)),
                        object(
                                "gateway.networking.k8s.io/v1",
                                "HTTPRoute",
                                Map.of(),
                                old,
                                Map.of("parentRefs", before)),
                        "httproutes",
                        Set.of(Verb.OVERRIDE));
            } else {
                List<String> counts = List.of("", "0", "1", "3", "4", "10", "ten", "99999999999");
                Map<String, String> old = count(pick(counts));
                Map<String, String> now = count(pick(counts));
                TestServices root = TestServices.order();
                Change change = Requests.update(annotated(root, old), annotated(root, now));
                compare(
                        spec,
                        change,
                        object("v1", "Service", Map.of(), now, Map.of()),
                        object("v1", "Service", Map.of(), old, Map.of()),
                        "services",
                        Set.of());
            }
        }
    }

    /// The always-rules (policy.md section 1): what `canary-core` refuses, our hooks refuse too; and of wrong weights,
    /// unknown keys and forged marks it misses none.
    @Test
    void theCoreRefusesWhatWeRefuse() {
        VapEvaluator core = new VapEvaluator("80-ValidatingAdmissionPolicy-core.yaml");
        List<String> weights = List.of("", "10", "101", "ten", "010", "10.555", " 10 ", "１０", "100", "100.00", "0x0A");
        List<String> keys = List.of("", "wieght", "probe", "paused", "override-me");
        int refused = 0;
        for (int i = 0; i < ROUNDS; i++) {
            boolean create = random.nextBoolean();
            Map<String, String> old = new HashMap<>();
            Map<String, String> now = new HashMap<>();
            for (Map<String, String> each : List.of(old, now)) {
                put(each, "weight", pick(weights));
                String key = pick(keys);
                put(each, key, key.isEmpty() ? "" : "x");
                put(each, "app", random.nextBoolean() ? "order" : "");
            }
            Map<String, String> labels = random.nextInt(3) == 0 ? Map.of("app", "order") : Map.of("version", "v2");
            Subject after = Requests.workload(TestDeployments.order("v2")
                    .labels(labels, Map.of("app", "order"), Map.of("app", "order"))
                    .annotated(now));
            Subject before = Requests.workload(TestDeployments.order("v2").annotated(old));
            Change change = Requests.change(
                    create ? Change.Operation.CREATE : Change.Operation.UPDATE,
                    "",
                    Requests.ALICE,
                    create ? null : before,
                    after);
            List<String> denials = core.denials(
                    Map.of(
                            "namespace", "shop",
                            "operation", change.operation().name(),
                            "resource", Map.of("resource", "deployments"),
                            "userInfo", Map.of("username", "alice")),
                    object(
                            "apps/v1",
                            "Deployment",
                            labels,
                            now,
                            Map.of("selector", Map.of("matchLabels", Map.of("app", "order")))),
                    create
                            ? dev.cel.common.values.NullValue.NULL_VALUE
                            : object("apps/v1", "Deployment", labels, old, Map.of()),
                    Map.of(),
                    _ -> false);
            Decision decision = Admission.validate(change, Requests.shop());
            String seen = now + " was " + (create ? "nothing" : old) + " " + labels + ": " + denials;
            refused += denials.isEmpty() ? 0 : 1;
            if (!denials.isEmpty()) {
                boolean unlabelled = denials.stream().allMatch(text -> text.startsWith("metadata.labels[version]"));
                assertThat(unlabelled || decision instanceof Decision.Deny)
                        .as(seen)
                        .isTrue();
            }
            if (decision instanceof Decision.Deny deny
                    && deny.refusals().stream()
                            .map(Refusal::rule)
                            .anyMatch(rule -> rule == Refusal.Rule.UNKNOWN_KEY || rule == Refusal.Rule.VALUE)) {
                assertThat(denials).as(seen).isNotEmpty();
            }
        }
        assertThat(refused).isBetween(ROUNDS / 4, ROUNDS - 1);
    }

    /// The list in the shipped file is that of the code.
    @Test
    void theCoreKnowsEveryKey() {
        VapEvaluator core = new VapEvaluator("80-ValidatingAdmissionPolicy-core.yaml");
        for (io.canary.domain.app.CanaryKey key : io.canary.domain.app.CanaryKey.values()) {
            if (key == io.canary.domain.app.CanaryKey.APP) {
                continue; // refused for another reason
            }
            assertThat(core.denials(
                            Map.of(
                                    "operation", "UPDATE",
                                    "resource", Map.of("resource", "deployments"),
                                    "userInfo", Map.of("username", "alice")),
                            object("apps/v1", "Deployment", Map.of(), Map.of(key.text(), "10"), Map.of()),
                            object("apps/v1", "Deployment", Map.of(), Map.of(), Map.of()),
                            Map.of(),
                            _ -> false))
                    .as(key.text())
                    .isEmpty();
        }
    }

    private void compare(
            Map<String, Object> spec,
            Change change,
            Map<String, Object> object,
            @Nullable Map<String, Object> old,
            String resource,
            Set<Verb> verbs) {
        Policy policy = PolicyReader.read(
                        new JsonObject(Map.of("metadata", Map.of("name", "prod", "uid", "u"), "spec", spec)))
                .policy();
        Map<String, Object> params = new HashMap<>();
        params.put("metadata", Map.of("name", "prod"));
        params.put("spec", spec);
        params.put("status", status(policy));
        Map<String, Object> request = Map.of(
                "namespace", "shop",
                "operation", change.operation().name(),
                "resource", Map.of("resource", resource),
                "userInfo", Map.of("username", "alice"));
        Object none = dev.cel.common.values.NullValue.NULL_VALUE;
        Set<PolicyRule> cel = vap
                .denials(
                        request,
                        object,
                        old == null ? none : old,
                        params,
                        verb -> verbs.stream().anyMatch(v -> v.text().equals(verb)))
                .stream()
                .map(message -> PolicyRule.of(
                                message.substring("CanaryPolicy \"prod\" ".length(), message.indexOf(':')))
                        .orElseThrow())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(PolicyRule.class)));
        Set<PolicyRule> java = java(policy, change, verbs);
        String seen = spec + "\n" + object + "\n" + old + "\n" + verbs;
        denied += cel.isEmpty() ? 0 : 1;
        assertThat(java).as("refused by us too: %s", seen).containsAll(cel);
        java.removeAll(ONE_WAY);
        cel.removeAll(ONE_WAY);
        java.removeIf(rule -> !seenByApiServer(rule));
        assertThat(cel).as(seen).isEqualTo(java);
    }

    private static boolean seenByApiServer(PolicyRule rule) {
        return switch (rule) {
            case WINDOWS, AUTHORIZATION, MAX_WEIGHT, MAX_STEP, REQUIRED_LABELS, HOSTS, GATEWAYS, IMAGES, MIN_REPLICAS ->
                true;
            case WEIGHT_BY_AGE, REQUIRED_ANALYSIS, SEPARATION_OF_DUTIES, MAX_SPLIT_ERROR -> false;
        };
    }

    private static Set<PolicyRule> java(Policy policy, Change change, Set<Verb> verbs) {
        NamespaceView view = Requests.shop(TestDeployments.order("v1").with("app", "order"));
        if (change.before() instanceof Subject.Workload workload) {
            view = view.with(List.of(view.deployments().getFirst(), workload.facts()), view.services());
        }
        if (change.before() instanceof Subject.Service service) {
            view = view.with(view.deployments(), List.of(service.facts()));
        }
        Governed governed = Governed.of(change, view, new Policies("shop", List.of(policy)), NOW);
        Map<Right, Boolean> answers = new HashMap<>();
        governed.questions()
                .forEach(right -> answers.put(
                        right, verbs.stream().anyMatch(verb -> verb.text().equals(right.verb()))));
        return governed.answered(answers)
                .ruling()
                .of(Finding.Outcome.DENIED)
                .map(Finding::rule)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(PolicyRule.class)));
    }

    // ---- random things

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private Map<String, String> keys() {
        Map<String, String> keys = new HashMap<>();
        put(keys, "weight", pick(WEIGHTS));
        put(keys, "spent", random.nextInt(5) == 0 ? pick(WEIGHTS) : "");
        put(keys, "hosts", random.nextInt(3) == 0 ? pick(HOSTS) : "");
        put(keys, "users", random.nextInt(3) == 0 ? pick(USERS) : "");
        put(keys, "lane", random.nextInt(6) == 0 ? "blue" : "");
        put(keys, "override", pick(REASONS));
        put(keys, "app", "order");
        return keys;
    }

    private static void put(Map<String, String> keys, String key, String value) {
        if (!value.isEmpty()) {
            keys.put("canary.io/" + key, value);
        }
    }

    private static Map<String, String> count(String text) {
        Map<String, String> keys = new HashMap<>();
        put(keys, "replicas", text);
        return keys;
    }

    private Set<Verb> verbs() {
        Set<Verb> verbs = EnumSet.noneOf(Verb.class);
        for (Verb verb : Verb.values()) {
            if (random.nextBoolean()) {
                verbs.add(verb);
            }
        }
        return verbs;
    }

    private List<Map<String, Object>> parents(List<String> gateways) {
        List<Map<String, Object>> parents = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(2); i++) {
            String[] parts = pick(gateways).split("/", -1);
            Map<String, Object> ref = new LinkedHashMap<>();
            ref.put("name", parts[1]);
            if (!parts[0].equals("shop") || random.nextBoolean()) {
                ref.put("namespace", parts[0]);
            }
            if (random.nextInt(4) == 0) {
                ref.put("kind", random.nextBoolean() ? "Gateway" : "Service");
                ref.put("group", random.nextBoolean() ? "gateway.networking.k8s.io" : "");
            }
            parents.add(ref);
        }
        return parents;
    }

    private Map<String, Object> spec() {
        Map<String, Object> spec = new LinkedHashMap<>();
        maybe(spec, "maxWeight", pick(List.<Object>of(0L, 5L, 12.25, 25L, 50L, 99.99)));
        maybe(spec, "maxStep", pick(List.<Object>of(0L, 5L, 12.25, 25L, 49.99)));
        maybe(spec, "requiredLabels", List.of(pick(List.of("team", "app"))));
        maybe(
                spec,
                "hosts",
                Map.of(
                        "allow",
                        pick(List.of(
                                List.of("*.canary.{namespace}.example.com"),
                                List.of("canary.shop.example.com"),
                                List.<String>of()))));
        maybe(
                spec,
                "gateways",
                Map.of("allow", pick(List.of(List.of("infra/public"), List.of("shop/inner", "infra/public")))));
        maybe(spec, "minReplicas", pick(List.<Object>of(1L, 4L)));
        maybe(spec, "authorization", pick(List.of("Off", "Enforced")));
        maybe(spec, "breakGlass", pick(List.of("Allowed", "Forbidden")));
        Map<String, Object> images = new LinkedHashMap<>();
        maybe(images, "requireTag", random.nextBoolean());
        maybe(images, "forbidLatest", random.nextBoolean());
        maybe(images, "requireDigest", random.nextInt(4) == 0);
        maybe(
                images,
                "registries",
                pick(List.of(List.of("ghcr.io/acme"), List.of("ghcr.io/acme/", "order"), List.<String>of())));
        maybe(spec, "images", images);
        maybe(
                spec,
                "windows",
                List.of(Map.of(
                        "name",
                        "w",
                        "kind",
                        pick(List.of("Deny", "Allow")),
                        "from",
                        "2026-11-01T00:00:00Z",
                        "to",
                        pick(List.of("2026-11-02T00:00:00Z", "2026-12-01T00:00:00Z")))));
        maybe(spec, "validationActions", pick(List.of(List.of("Deny"), List.of("Deny", "Audit"), List.of("Warn"))));
        maybe(
                spec,
                "actionOverrides",
                Map.of(
                        pick(List.of("maxWeight", "hosts", "windows")),
                        List.of(pick(List.of("Deny", "Warn", "Audit")))));
        maybe(
                spec,
                "exemptions",
                List.of(Map.of(
                        "name",
                        "e",
                        "namespaces",
                        List.of(pick(List.of("shop", "other"))),
                        "rules",
                        List.of(pick(List.of("maxStep", "windows"))),
                        "until",
                        pick(List.of("2026-11-28T00:00:00Z", "2026-12-01T00:00:00Z")),
                        "reason",
                        "x")));
        maybe(spec, "match", Map.of("excludeNamespaces", List.of(pick(List.of("sandbox-*", "sh*p", "x")))));
        if (spec.get("match") instanceof Map<?, ?> match && match.toString().contains("sh*p")) {
            spec.remove("match"); // Policies leaves such a policy out, which is not judged here
        }
        return spec;
    }

    private void maybe(Map<String, Object> map, String key, Object value) {
        if (random.nextInt(3) == 0) {
            map.put(key, value);
        }
    }

    /// As the controller writes it.
    private static Map<String, Object> status(Policy policy) {
        Map<String, Object> freeze = new HashMap<>();
        freeze.put("active", policy.freezeAt(NOW).active());
        freeze.put("window", policy.freezeAt(NOW).window());
        Instant until = policy.freezeAt(NOW).until();
        if (until != null) {
            freeze.put("until", until.toString());
        }
        return Map.of(
                "freeze",
                freeze,
                "activeExemptions",
                policy.exemptions().stream()
                        .filter(e -> e.activeAt(NOW))
                        .map(e -> Map.of(
                                "namespaces",
                                e.namespaces(),
                                "rules",
                                e.rules().stream().map(PolicyRule::text).toList()))
                        .toList());
    }

    private static Map<String, Object> object(
            String apiVersion,
            String kind,
            Map<String, String> labels,
            Map<String, String> keys,
            Map<String, Object> spec) {
        return Map.of(
                "apiVersion", apiVersion,
                "kind", kind,
                "metadata", Map.of("name", "x", "labels", labels, "annotations", keys),
                "spec", spec);
    }

    private static Change deployment(
            boolean create,
            Map<String, String> old,
            Map<String, String> now,
            Map<String, String> labels,
            String image) {
        TestDeployments v2 = TestDeployments.order("v2")
                .labels(labels, Map.of("app", "order"), Map.of("app", "order", "version", "v2"));
        Subject.Workload after = Requests.running(v2.annotated(now), image);
        return create
                ? Requests.change(Change.Operation.CREATE, "", Requests.ALICE, null, after)
                : Requests.change(
                        Change.Operation.UPDATE, "", Requests.ALICE, Requests.workload(v2.annotated(old)), after);
    }

    private static TestServices annotated(TestServices root, Map<String, String> keys) {
        TestServices with = root;
        for (String key : new TreeSet<>(keys.keySet())) {
            with = with.with(key.substring("canary.io/".length()), keys.getOrDefault(key, ""));
        }
        return with;
    }

    private static Subject.Route route(Map<String, String> keys, List<Map<String, Object>> parents) {
        return new Subject.Route("HTTPRoute", "x", Map.of(), keys, Map.of("parentRefs", parents), Map.of());
    }
}
