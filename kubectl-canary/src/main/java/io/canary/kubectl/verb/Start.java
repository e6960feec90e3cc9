// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.admission.Grammar;
import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.ImageReference;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.app.VersionName;
import io.canary.domain.app.Weight;
import io.canary.domain.json.JsonObject;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import io.canary.kubectl.cluster.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `start`: a copy of a version's Deployment, with another image, name and weight; or the Deployment of a file. All
/// else is Canary's: label, Service, replicas, route (cli.md sections 3 and 5).
final class Start {
    private static final String FOR_PEOPLE = "app.kubernetes.io/version";
    private static final Pattern SEMANTIC = Pattern.compile("v?([0-9]+\\.[0-9]+\\.[0-9]+).*");
    private static final Pattern NUMBERED = Pattern.compile("v([1-9][0-9]{0,8})");

    private static final List<String> GIT_OPS = List.of(
            "argocd.argoproj.io/",
            "kustomize.toolkit.fluxcd.io/",
            "helm.toolkit.fluxcd.io/",
            "meta.helm.sh/",
            "helm.sh/");

    private final Session session;
    private final String typed;
    private final boolean again;

    /// @param again whether somebody else was first, and all is read and decided anew
    private Start(Session session, boolean again) {
        this.session = session;
        this.again = again;
        this.typed = session.arguments().plain().getFirst();
    }

    static int run(Session session) {
        return new Start(session, false).run();
    }

    private int run() {
        String weight = session.arguments().value("weight");
        String file = session.arguments().value("filename");
        String image = session.arguments().value("image");
        if (image.isEmpty() && file.isEmpty()) {
            session.failed(
                    "start needs --image or --filename",
                    "kubectl canary start " + typed + " --image=IMAGE --weight=10");
            return ExitCode.USAGE;
        }
        if (weight.isEmpty() && file.isEmpty()) {
            session.failed(
                    "start needs --weight: the share to begin with, 0 for none",
                    "kubectl canary start " + typed + " --image=" + image + " --weight=10");
            return ExitCode.USAGE;
        }
        Optional<Problem> wrong = weight.isEmpty() ? Optional.empty() : Grammar.check(CanaryKey.WEIGHT, weight);
        if (wrong.isPresent()) {
            return session.failed(wrong.get().message(), "");
        }
        if (!file.isEmpty()) {
            return fromFile(file, weight, image);
        }
        return switch (Apps.find(session, typed)) {
            case Apps.Found.Ended(int code) -> code;
            case Apps.Found.App(Snapshot snapshot, String app) -> copy(snapshot, app, weight, image);
        };
    }

    private int copy(Snapshot snapshot, String name, String weight, String image) {
        App app = snapshot.view().app(name);
        String from = session.arguments().value("from");
        String stable = from.isEmpty() ? Contradictions.stableOrRecorded(app) : from;
        Version source = stable == null ? null : app.version(stable).orElse(null);
        if (source == null) {
            return session.failed(
                    from.isEmpty()
                            ? "cannot tell which version of " + name + " to copy"
                            : name + " has no version " + Names.quoted(from),
                    "kubectl canary start " + name + " --from=VERSION ...");
        }
        Optional<Integer> inTheWay = inTheWay(snapshot, app, image, weight);
        if (inTheWay.isPresent()) {
            return inTheWay.get();
        }
        String asked = session.arguments().value("as-version");
        String version = asked.isEmpty() ? next(app) : asked;
        Optional<Problem> wrong = Grammar.check(CanaryKey.VERSION, version);
        if (wrong.isPresent()) {
            return session.failed(wrong.get().message(), "");
        }
        if (Names.versionService(name, version).length() > Names.LONGEST) {
            return session.failed(
                    "%s-%s has more than %d characters".formatted(name, version, Names.LONGEST),
                    "kubectl canary start " + name + " --as-version=vN ...");
        }
        JsonObject original = snapshot.object("Deployment", source.deployment().name());
        Map<String, Object> copied = copied(original, name, version, weight);
        if (session.arguments().given(Overriding.FLAG)) {
            object(copied, "metadata", "annotations")
                    .put(CanaryKey.OVERRIDE.text(), session.arguments().value(Overriding.FLAG));
        }
        String unknown = setImage(copied, image);
        if (unknown != null) {
            return session.failed(unknown, "");
        }
        nameForPeople(copied, image);
        return create(copied, name);
    }

    /// The exit code where nothing is to be created: the image runs already, or another canary is in progress, which
    /// is not overtaken (cli.md section 5) unless `--force` says so.
    ///
    /// @param image empty where a file brings what it brings
    private Optional<Integer> inTheWay(Snapshot snapshot, App app, String image, String weight) {
        String stable = Contradictions.stableOrRecorded(app);
        for (Version v : app.versions()) {
            boolean canary = !v.name().equals(stable) && v.get(CanaryKey.WEIGHT) != null;
            if ((canary || v.name().equals(stable)) && runs(snapshot, v, image) && namesNothingElse(v)) {
                return Optional.of(
                        canary ? runsAlready(snapshot, app, v, image, weight) : isStable(snapshot, app, v, image));
            }
        }
        for (Version v : app.versions()) {
            if (!v.name().equals(stable)
                    && v.get(CanaryKey.WEIGHT) != null
                    && !session.arguments().on("force")) {
                Optional<Integer> code = inProgress(app, v);
                if (code.isPresent()) {
                    return code;
                }
            }
        }
        return Optional.empty();
    }

    /// Whether a version of another name, or a copy of another one, was asked for expressly.
    private boolean namesNothingElse(Version version) {
        String as = session.arguments().value("as-version");
        return (as.isEmpty() || as.equals(version.name()))
                && !session.arguments().given("from");
    }

    /// Whether a container of `version` runs `image`: the same digest of the same repository, or the same text.
    private static boolean runs(Snapshot snapshot, Version version, String image) {
        if (image.isEmpty()) {
            return false;
        }
        ImageReference wanted = ImageReference.of(image);
        return containers(snapshot.object("Deployment", version.deployment().name())
                        .fields())
                .map(container -> String.valueOf(container.get("image")))
                .anyMatch(running -> running.equals(image)
                        || (!wanted.digest().isEmpty()
                                && wanted.digest()
                                        .equals(ImageReference.of(running).digest())
                                && wanted.name()
                                        .equals(ImageReference.of(running).name())));
    }

    private int isStable(Snapshot snapshot, App app, Version version, String image) {
        return unchanged(
                snapshot,
                version,
                "%s unchanged: %s runs %s and is stable".formatted(app.name(), version.name(), image));
    }

    private int runsAlready(Snapshot snapshot, App app, Version v, String image, String weight) {
        int asked = v.askedBasisPoints();
        int wanted = Weight.parse(weight).map(Weight::basisPoints).orElse(asked);
        if (asked == 0 && wanted > 0) {
            return session.failed(
                    "%s runs %s already, and has no share".formatted(v.name(), image),
                    "kubectl canary set weight %s %s=%s".formatted(app.name(), v.name(), weight));
        }
        int code = unchanged(
                snapshot,
                v,
                "%s unchanged: %s runs %s already, at weight %s"
                        .formatted(app.name(), v.name(), image, Weight.percent(asked)));
        if (wanted != asked) {
            session.terminal().hint("kubectl canary set weight %s %s=%s".formatted(app.name(), v.name(), weight));
        }
        ServiceFacts root = app.root();
        String aborted = root == null ? null : root.get(CanaryKey.ABORT);
        if (aborted != null) {
            session.terminal().note("warning: %s is aborted: %s".formatted(app.name(), Names.shown(aborted)));
            session.terminal().hint("kubectl canary retry " + app.name());
        }
        return code == ExitCode.DONE ? waited(v.deployment().name(), app.name(), asked) : code;
    }

    /// With `--output` the Deployment that runs is the data.
    private int unchanged(Snapshot snapshot, Version version, String sentence) {
        String format = session.arguments().value("output");
        String name = "deployment.apps/" + version.deployment().name();
        if (!format.isEmpty()) {
            session.terminal().note(sentence);
        }
        return printed(
                snapshot.object("Deployment", version.deployment().name()).fields(),
                format.isEmpty() ? sentence : name,
                format);
    }

    private Optional<Integer> inProgress(App app, Version v) {
        ServiceFacts root = app.root();
        String aborted = root == null ? null : root.get(CanaryKey.ABORT);
        if (root != null && aborted != null) {
            return Optional.of(session.failed(
                    "%s is aborted: %s%s".formatted(app.name(), Names.shown(aborted), by(root.get(CanaryKey.BY))),
                    "kubectl canary set weight %1$s %2$s=0, then kubectl canary retry %1$s"
                            .formatted(app.name(), v.name())));
        }
        if (v.askedBasisPoints() == 0) {
            return Optional.empty();
        }
        return Optional.of(session.failed(
                "%s is in progress: %s holds %s, started %s ago%s"
                        .formatted(
                                app.name(),
                                v.name(),
                                Weight.percent(v.askedBasisPoints()),
                                session.terminal().screen().age(v.deployment().created()),
                                by(v.get(CanaryKey.BY)).replace(", by", " by")),
                "kubectl canary promote %1$s, or kubectl canary set weight %1$s %2$s=0"
                        .formatted(app.name(), v.name())));
    }

    private static String by(@Nullable String who) {
        return who == null ? "" : ", by " + Names.shown(who);
    }

    /// `v` and the next number after all that the app has or had.
    private static String next(App app) {
        Release release = app.release();
        Stream<String> known = app.versions().stream().map(Version::name);
        if (release != null) {
            known = Stream.concat(known, release.line().stream());
            known = Stream.concat(
                    known,
                    release.history().stream()
                            .flatMap(move -> Stream.of((move.from() + ", " + move.to()).split(", ", -1)))
                            .map(part -> part.split(" ", 2)[0]));
        }
        long highest = known.map(NUMBERED::matcher)
                .filter(Matcher::matches)
                .mapToLong(m -> Long.parseLong(m.group(1)))
                .max()
                .orElse(0);
        return "v" + (highest + 1);
    }

    /// The new Deployment: the old one's spec and labels, without status, without anything of ours or the server's.
    private static Map<String, Object> copied(JsonObject from, String app, String version, String weight) {
        JsonObject meta = from.object("metadata");
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", app + "-" + version);
        if (!meta.text("namespace").isEmpty()) {
            metadata.put("namespace", meta.text("namespace"));
        }
        Map<String, Object> labels = tree(meta.object("labels"));
        labels.keySet().removeIf(Start::ofGitOps);
        labels.put(VersionName.LABEL, version);
        metadata.put("labels", labels);
        Map<String, Object> annotations = tree(meta.object("annotations"));
        annotations
                .keySet()
                .removeIf(key -> CanaryKey.isCanary(key)
                        || ofGitOps(key)
                        || key.equals("kubectl.kubernetes.io/last-applied-configuration")
                        || key.equals("deployment.kubernetes.io/revision"));
        annotations.put(CanaryKey.WEIGHT.text(), weight);
        metadata.put("annotations", annotations);
        Map<String, Object> spec = tree(from.object("spec"));
        object(spec, "selector", "matchLabels").put(VersionName.LABEL, version);
        object(spec, "template", "metadata", "labels").put(VersionName.LABEL, version);
        object(spec, "template", "metadata").remove("creationTimestamp");
        spec.put("replicas", 0);
        Map<String, Object> deployment = new LinkedHashMap<>();
        deployment.put("apiVersion", "apps/v1");
        deployment.put("kind", "Deployment");
        deployment.put("metadata", metadata);
        deployment.put("spec", spec);
        return deployment;
    }

    /// Marks by which GitOps tools know what is theirs: they would prune a copy that is in no file of theirs. The pods'
    /// labels stay, since the root Service may select by them.
    private static boolean ofGitOps(String key) {
        return key.equals("app.kubernetes.io/instance")
                || key.equals("app.kubernetes.io/managed-by")
                || GIT_OPS.stream().anyMatch(key::startsWith);
    }

    private static Map<String, Object> tree(JsonObject object) {
        Map<String, Object> copy = new LinkedHashMap<>();
        object.fields().forEach((key, value) -> copy.put(String.valueOf(key), copy(value)));
        return copy;
    }

    private static @Nullable Object copy(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> tree(new JsonObject(map));
            case List<?> list -> {
                List<@Nullable Object> copies = new ArrayList<>();
                list.forEach(item -> copies.add(copy(item)));
                yield copies;
            }
            case null, default -> value;
        };
    }

    @SuppressWarnings("unchecked") // made by tree()
    private static Map<String, Object> object(Map<String, Object> tree, String... path) {
        Map<String, Object> at = tree;
        for (String field : path) {
            at = (Map<String, Object>) at.computeIfAbsent(field, _ -> new LinkedHashMap<String, Object>());
        }
        return at;
    }

    private static Stream<Map<String, Object>> containers(Map<?, ?> deployment) {
        return JsonObject.of(deployment).object("spec").object("template").object("spec").objects("containers").stream()
                .map(container -> {
                    @SuppressWarnings("unchecked") // JSON objects have texts as keys
                    Map<String, Object> fields = (Map<String, Object>) container.fields();
                    return fields;
                });
    }

    /// Sets the image of one container; returns what is wrong, or null.
    private @Nullable String setImage(Map<String, Object> deployment, String image) {
        if (image.isEmpty()) {
            return null;
        }
        List<Map<String, Object>> all = containers(deployment).toList();
        String wanted = session.arguments().value("container");
        String repository = ImageReference.of(image).name();
        List<Map<String, Object>> fitting = all.stream()
                .filter(c -> wanted.isEmpty()
                        ? all.size() == 1
                                || repository.equals(ImageReference.of(String.valueOf(c.get("image")))
                                        .name())
                        : wanted.equals(c.get("name")))
                .toList();
        if (wanted.isEmpty() && fitting.size() != 1) {
            return "several containers, and not just one of them runs " + Names.shown(repository)
                    + ": name one by --container, of "
                    + String.join(
                            ", ",
                            all.stream().map(c -> String.valueOf(c.get("name"))).toList());
        }
        Optional<Map<String, Object>> chosen = fitting.stream().findFirst();
        if (chosen.isEmpty()) {
            return "there is no container " + Names.quoted(wanted) + "; there are "
                    + String.join(
                            ", ",
                            all.stream().map(c -> String.valueOf(c.get("name"))).toList());
        }
        chosen.get().put("image", image);
        return null;
    }

    /// The old version's name for people says nothing of the new image; its tag does, where it begins as a semantic
    /// version (`docs/tags.md`).
    private static void nameForPeople(Map<String, Object> deployment, String image) {
        Map<String, Object> selector = object(deployment, "spec", "selector", "matchLabels");
        Matcher semantic = SEMANTIC.matcher(ImageReference.of(image).tag());
        for (Map<String, Object> labels : List.of(
                object(deployment, "metadata", "labels"),
                object(deployment, "spec", "template", "metadata", "labels"))) {
            if (!labels.containsKey(FOR_PEOPLE) || selector.containsKey(FOR_PEOPLE)) {
                continue;
            }
            if (semantic.matches()) {
                labels.put(FOR_PEOPLE, semantic.group(1));
            } else {
                labels.remove(FOR_PEOPLE);
            }
        }
    }

    private int fromFile(String file, String weight, String image) {
        String text;
        try {
            text = file.equals("-") ? session.terminal().input() : Files.readString(Path.of(file));
        } catch (IOException e) {
            return session.failed("cannot read " + Names.quoted(file) + ": " + e.getMessage(), "");
        }
        List<JsonObject> deployments;
        try {
            deployments = Yaml.read(text).stream()
                    .filter(object -> object.text("kind").equals("Deployment"))
                    .toList();
        } catch (IllegalArgumentException e) {
            return session.failed(Names.quoted(file) + " is " + e.getMessage(), "");
        }
        if (deployments.size() != 1) {
            return session.failed(
                    Names.quoted(file) + " has " + deployments.size() + " Deployments; start takes one", "");
        }
        JsonObject read = deployments.getFirst();
        String odd = oddIn(read);
        if (odd != null) {
            return session.failed(Names.quoted(file) + ": " + odd, "");
        }
        Map<String, Object> deployment = tree(read);
        Map<String, Object> annotations = object(deployment, "metadata", "annotations");
        if (!weight.isEmpty()) {
            annotations.put(CanaryKey.WEIGHT.text(), weight);
        }
        if (session.arguments().given(Overriding.FLAG)) {
            annotations.put(CanaryKey.OVERRIDE.text(), session.arguments().value(Overriding.FLAG));
        }
        if (!annotations.containsKey(CanaryKey.WEIGHT.text())) {
            return session.failed(
                    "the Deployment has no " + CanaryKey.WEIGHT.text(), "add --weight=10, or write it into the file");
        }
        String unknown = setImage(deployment, image);
        if (unknown != null) {
            return session.failed(unknown, "");
        }
        String namespace = read.object("metadata").text("namespace");
        String wanted = session.arguments().value("namespace");
        if (!namespace.isEmpty() && !wanted.isEmpty() && !namespace.equals(wanted)) {
            return session.failed(
                    "%s is for namespace %s, and --namespace says %s"
                            .formatted(Names.quoted(file), Names.shown(namespace), wanted),
                    "leave out --namespace");
        }
        Session there = namespace.isEmpty() ? session : session.in(namespace);
        return new Start(there, again).send(deployment, String.valueOf(annotations.get(CanaryKey.WEIGHT.text())));
    }

    /// Creates the Deployment of a file, unless another canary is in its way; a client-side dry run asks nobody.
    private int send(Map<String, Object> deployment, String weight) {
        if (session.arguments().value("dry-run").equals("client")) {
            return create(deployment, typed);
        }
        return switch (Apps.find(session, typed)) {
            case Apps.Found.Ended(int code) -> code;
            case Apps.Found.App(Snapshot snapshot, String app) -> {
                String name = String.valueOf(object(deployment, "metadata").get("name"));
                // Under another name the same image may come with other settings.
                String image = snapshot.object("Deployment", name).fields().isEmpty()
                        ? ""
                        : containers(deployment)
                                .map(container -> String.valueOf(container.get("image")))
                                .findFirst()
                                .orElse("");
                yield inTheWay(snapshot, snapshot.view().app(app), image, weight)
                        .orElseGet(() -> create(deployment, app));
            }
        };
    }

    /// What in a Deployment of a file is not of the form that it must have, or null.
    private static @Nullable String oddIn(JsonObject deployment) {
        JsonObject metadata = deployment.object("metadata");
        if (!Names.isDns1123(metadata.text("name"))) {
            return "metadata.name " + Names.quoted(metadata.text("name")) + " names no Deployment";
        }
        for (String field : List.of("labels", "annotations")) {
            if (metadata.has(field) && !(metadata.fields().get(field) instanceof Map)) {
                return "metadata." + field + " is no map";
            }
        }
        JsonObject template = deployment.object("spec").object("template");
        if (!(template.object("spec").fields().get("containers") instanceof List)) {
            return "spec.template.spec.containers is missing";
        }
        for (Map.Entry<?, ?> annotation :
                metadata.object("annotations").fields().entrySet()) {
            if (!(annotation.getValue() instanceof String value)) {
                return "annotation " + annotation.getKey() + " is no text: quote it";
            }
            Optional<Problem> wrong = CanaryKey.of(String.valueOf(annotation.getKey()))
                    .filter(key -> key.place() == CanaryKey.Place.DEPLOYMENT || key.place() == CanaryKey.Place.ANY)
                    .flatMap(key -> Grammar.check(key, value));
            if (wrong.isPresent()) {
                return wrong.get().message();
            }
        }
        return null;
    }

    private int create(Map<String, Object> deployment, String app) {
        String format = session.arguments().value("output");
        String dryRun = session.arguments().value("dry-run");
        String name = "deployment.apps/" + object(deployment, "metadata").get("name");
        if (dryRun.equals("client")) {
            return printed(deployment, name + " created (dry run)", format);
        }
        List<String> call =
                new ArrayList<>(List.of("create", "-f", "-", "--field-manager=kubectl-canary", "--output=json"));
        if (dryRun.equals("server")) {
            call.add("--dry-run=server");
        }
        Kubectl.Answer answer = session.kubectl().send(Json.line(deployment), call.toArray(String[]::new));
        Reading.warnings(answer.stderr()).forEach(session.terminal()::note);
        if (answer.stderr().contains("(AlreadyExists)")) {
            if (!again && session.arguments().value("filename").isEmpty()) {
                return new Start(session, true).run();
            }
            return session.failed(
                    name + " exists already: somebody else has just started it", "kubectl canary status " + app);
        }
        return switch (Reading.of(answer)) {
            case Reading.Got(String json) -> {
                int code = printed(
                        Json.read(json),
                        name + " created" + (dryRun.equals("server") ? " (server dry run)" : ""),
                        format);
                yield code == ExitCode.DONE
                        ? waited(String.valueOf(object(deployment, "metadata").get("name")), app, asked(deployment))
                        : code;
            }
            case Reading other -> Apps.told(session, other);
        };
    }

    private static int asked(Map<String, Object> deployment) {
        return Weight.parse(String.valueOf(
                        object(deployment, "metadata", "annotations").get(CanaryKey.WEIGHT.text())))
                .map(Weight::basisPoints)
                .orElse(0);
    }

    /// With `--wait`, until `asked` basis points of Deployment `name` are in force.
    private int waited(String name, String app, int asked) {
        return session.arguments().on("wait")
                        && session.arguments().value("dry-run").equals("none")
                ? Waiting.until(session, app, Goal.started(name, asked))
                : ExitCode.DONE;
    }

    private int printed(@Nullable Object deployment, String line, String format) {
        if (format.isEmpty() || format.equals("name")) {
            session.terminal().print(format.isEmpty() ? line : line.split(" ", 2)[0]);
            return ExitCode.DONE;
        }
        return Output.tree(session, deployment == null ? Map.of() : deployment);
    }
}
