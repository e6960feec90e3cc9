// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.App;
import io.canary.domain.app.Names;
import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import io.canary.domain.route.RouteLimits;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.KubeJson;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `check`: CAN0xx the cluster, CAN1xx routes, CAN2xx an app, CAN3xx the webhook.
final class Check {
    private final Session session;
    private final List<Finding> found = new ArrayList<>();

    private Check(Session session) {
        this.session = session;
    }

    static int run(Session session) {
        return new Check(session).run();
    }

    private int run() {
        Reading version = Reading.of(session.kubectl().quietly("get", "--raw=/version"));
        if (!(version instanceof Reading.Got(String json))) {
            return Apps.told(session, version);
        }
        cluster(JsonObject.of(Json.read(json)));
        if (!session.arguments().on("pre")) {
            installation();
            session.arguments().plain().forEach(this::app);
        }
        String only = session.arguments().value("code");
        found.removeIf(finding -> !only.isEmpty() && !finding.code().equalsIgnoreCase(only));
        return report();
    }

    private void cluster(JsonObject version) {
        String git = version.text("gitVersion");
        int minor = Integer.parseInt("0" + version.text("minor").replaceAll("[^0-9].*", ""));
        found.add(
                minor >= 30
                        ? Finding.ok("CAN001", "Kubernetes " + git)
                        : Finding.error("CAN001", "Kubernetes " + git + " is older than 1.30", "upgrade the cluster"));
        Reading routes = crd(RouteKind.HTTP.definition());
        found.add(
                switch (routes) {
                    case Reading.Got(String bundle)
                    when RouteLimits.of(bundle).equals(RouteLimits.OLDEST) ->
                        Finding.warning(
                                "CAN101",
                                "Gateway API " + bundle
                                        + " is old: routes are smaller, and fields that it does not know are"
                                        + " dropped without a word",
                                "install the CRDs of bundle 1.3 or newer");
                    case Reading.Got(String bundle) ->
                        Finding.ok("CAN101", "Gateway API " + (bundle.isEmpty() ? "is installed" : bundle));
                    case Reading.NotFound _ ->
                        Finding.warning(
                                "CAN101",
                                "the Gateway API is not installed: traffic follows pods",
                                "install its CRDs and a mesh, if shares finer than pods are wanted");
                    default -> Finding.warning("CAN101", "cannot tell whether the Gateway API is installed", "");
                });
        if (session.arguments().on("pre")) {
            Reading rights = Reading.of(
                    session.kubectl().quietly("auth", "can-i", "create", "clusterroles.rbac.authorization.k8s.io"));
            found.add(
                    rights instanceof Reading.Got
                            ? Finding.ok("CAN002", "you may install cluster-wide objects")
                            : Finding.error(
                                    "CAN002", "you may not create ClusterRoles", "ask a cluster administrator"));
        }
    }

    private Reading crd(String name) {
        return Reading.of(session.kubectl()
                .quietly(
                        "get",
                        "customresourcedefinition",
                        name,
                        "--output=jsonpath={.metadata.annotations.gateway\\.networking\\.k8s\\.io/bundle-version}"));
    }

    private void installation() {
        switch (crd(Apps.RELEASES)) {
            case Reading.Got _ -> found.add(Finding.ok("CAN003", "releases.canary.io is installed"));
            case Reading.NotFound _ -> {
                found.add(Finding.error("CAN003", "Canary is not installed", "kubectl canary install --wait"));
                return;
            }
            default -> found.add(Finding.warning("CAN003", "cannot tell whether Canary is installed", ""));
        }
        pods();
        probe();
        Certificates.of(session).ifPresent(found::add);
    }

    private void pods() {
        Reading deployment = Reading.of(
                session.kubectl().quietly("get", "deployment", "canary-webhook", Install.SYSTEM, "--output=json"));
        if (!(deployment instanceof Reading.Got(String json))) {
            found.add(Finding.warning("CAN301", "cannot read Deployment canary-webhook in canary-system", ""));
            return;
        }
        JsonObject object = JsonObject.of(Json.read(json));
        int wanted = object.object("spec").count("replicas", 1);
        int ready = object.object("status").count("readyReplicas", 0);
        String text = "%d of %d webhook pods ready".formatted(ready, wanted);
        found.add(
                ready == 0
                        ? Finding.error("CAN301", text, "kubectl get pods -n canary-system")
                        : ready < wanted
                                ? Finding.warning("CAN301", text, "kubectl get pods -n canary-system")
                                : Finding.ok("CAN301", text));
    }

    private void probe() {
        found.add(
                switch (Probe.of(session)) {
                    case Probe.Answered(var time) ->
                        Finding.ok(
                                "CAN302", "the webhook refused a wrong key in a dry run (" + time.toMillis() + " ms)");
                    case Probe.Passed _ ->
                        Finding.error("CAN302", "the webhook was not asked: wrong keys pass", "kubectl canary install");
                    case Probe.Unreachable(String why) ->
                        Finding.error(
                                "CAN303",
                                "the API server cannot reach the webhook: " + why,
                                "kubectl logs -n canary-system deployment/canary-webhook");
                    case Probe.Failed(String why) ->
                        Finding.warning("CAN302", "the webhook could not be tried: " + why, "");
                });
    }

    private void app(String typed) {
        switch (Apps.look(session, typed, Apps.KINDS + "," + Apps.ROUTES)) {
            case Apps.Look.At(Apps.Found.App(Snapshot snapshot, String app)) ->
                of(snapshot.view().app(app));
            case Apps.Look.Nobody(String error, String hint) -> found.add(Finding.error("CAN200", error, hint));
            case Apps.Look.Not(Reading.NotInstalled _) -> {
                // Told as CAN003.
            }
            case Apps.Look.Not(Reading.Denied(String text)) -> found.add(Finding.error("CAN200", text, ""));
            case Apps.Look.Not(Reading.Failed(String text)) -> found.add(Finding.error("CAN200", text, ""));
            case Apps.Look.Not(Reading _) ->
                found.add(Finding.error("CAN200", "cannot read " + Names.quoted(typed), ""));
        }
    }

    private void of(App app) {
        found.addAll(AppFindings.of(app));
        if (Reading.of(session.kubectl().quietly("get", "namespace", app.namespace(), "--output=json"))
                instanceof Reading.Got(String json)) {
            Ambient.of(app, KubeJson.labels(JsonObject.of(Json.read(json)))).ifPresent(found::add);
        }
    }

    private int report() {
        long errors = count(Finding.Level.ERROR);
        long warnings = count(Finding.Level.WARNING);
        boolean failed = errors > 0
                || (warnings > 0 && session.arguments().value("fail-on").equals("warning"));
        if (!session.arguments().value("output").isEmpty()) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("apiVersion", "cli.canary.io/v1");
            tree.put("kind", "CheckResult");
            tree.put("failed", failed);
            tree.put("findings", found.stream().map(Finding::tree).toList());
            Output.tree(session, tree);
            return failed ? ExitCode.CHECK_FAILED : ExitCode.DONE;
        }
        List<String> lines = new ArrayList<>();
        found.sort(Comparator.comparing(Finding::group));
        for (Finding finding : found) {
            if (lines.isEmpty() || !lines.contains(finding.group().title)) {
                lines.add(finding.group().title);
            }
            lines.add("  %-5s %s %s".formatted(finding.level().text, finding.code(), finding.text()));
            if (!finding.hint().isEmpty()) {
                lines.add("          hint: " + finding.hint());
            }
        }
        lines.add("%d failed, %d warning%s, %d ok"
                .formatted(errors, warnings, warnings == 1 ? "" : "s", count(Finding.Level.OK)));
        session.terminal().print(lines);
        return failed ? ExitCode.CHECK_FAILED : ExitCode.DONE;
    }

    private long count(Finding.Level level) {
        return found.stream().filter(finding -> finding.level() == level).count();
    }
}
