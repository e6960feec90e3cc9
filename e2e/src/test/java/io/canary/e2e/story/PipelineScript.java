// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.product.InstalledProduct;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One script of a pipeline file under `docs/pipelines`, as its system would run it.
///
/// @param name where it stands in its file
/// @param shell the system's shell and its flags; none where the script names its own
/// @param environment what the file sets for it
record PipelineScript(String name, List<String> shell, Map<String, String> environment, String text) {
    private static final Path FOLDER = InstalledProduct.root().resolve("docs/pipelines");
    private static final Pattern GITHUB = Pattern.compile("\\$\\{\\{ *([a-zA-Z_.]+) *}}");
    private static final Pattern TEKTON = Pattern.compile("\\$\\(([a-zA-Z.]+)\\)");
    private static final Pattern JENKINS_SH = Pattern.compile("\\bsh (?s:'''(.*?)'''|'(.*?)')");
    private static final Pattern JENKINS_SET = Pattern.compile("(?m)^ +([A-Z][A-Z0-9_]*) = '(.*)'$");
    private static final Pattern MARKDOWN = Pattern.compile("(?s)\n### (\\w+)\n.*?```sh\n(.*?)```");

    /// Whether it belongs to the failure branch.
    boolean aborts() {
        return text.contains("kubectl canary abort");
    }

    boolean smokeTests() {
        return text.contains("./smoke.sh");
    }

    static String file(String name) {
        try {
            return Files.readString(FOLDER.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param expressions what `${{ inputs.image }}` and the like stand for
    static List<PipelineScript> ofGitHub(Map<String, String> expressions) {
        Map<?, ?> workflow = Serialization.unmarshal(file("github-actions.yaml"), Map.class);
        List<PipelineScript> scripts = new ArrayList<>();
        map(workflow, "jobs").forEach((id, job) -> {
            for (Map<?, ?> step : maps(job, "steps")) {
                if (step.get("run") instanceof String run) {
                    Map<String, String> environment = new LinkedHashMap<>();
                    Stream.of(workflow, job, step)
                            .flatMap(level -> map(level, "env").entrySet().stream())
                            .forEach(e -> environment.put(
                                    e.getKey().toString(),
                                    filled(GITHUB, e.getValue().toString(), expressions)));
                    scripts.add(new PipelineScript(
                            id + ": " + step.get("name"), List.of("bash", "-e"), environment, literal(run, "${{")));
                }
            }
        });
        return scripts;
    }

    static List<PipelineScript> ofGitLab() {
        Map<?, ?> file = Serialization.unmarshal(file("gitlab-ci.yml"), Map.class);
        Map<String, String> variables = texts(map(file, "variables"));
        List<PipelineScript> scripts = new ArrayList<>();
        for (Object stage : list(file, "stages")) {
            file.forEach((name, job) -> {
                if (job instanceof Map<?, ?> fields && stage.equals(fields.get("stage"))) {
                    List<String> lines = list(fields, "script").stream()
                            .map(Object::toString)
                            .toList();
                    scripts.add(new PipelineScript(
                            name.toString(),
                            List.of("bash", "-e", "-o", "pipefail"),
                            variables,
                            String.join("\n", lines)));
                }
            });
        }
        return scripts;
    }

    /// @param given parameters of the PipelineRun as `params.image`, and what else stands in `$(…)`
    static List<PipelineScript> ofTekton(Map<String, String> given) {
        List<PipelineScript> scripts = new ArrayList<>();
        List<PipelineScript> last = new ArrayList<>();
        for (String document : file("tekton.yaml").split("\n---\n", -1)) {
            Map<?, ?> spec = map(Serialization.unmarshal(document, Map.class), "spec");
            Map<String, String> known = new LinkedHashMap<>();
            for (Map<?, ?> parameter : maps(spec, "params")) {
                String name = "params." + parameter.get("name");
                Object value = given.getOrDefault(name, String.valueOf(parameter.get("default")));
                known.put(name, value.toString());
            }
            given.forEach((name, value) -> {
                if (!name.startsWith("params.")) {
                    known.put(name, value);
                }
            });
            addTasks(maps(spec, "tasks"), known, scripts);
            addTasks(maps(spec, "finally"), known, last);
        }
        scripts.addAll(last);
        return scripts;
    }

    /// A task sees the parameters that it declares, with what its Pipeline hands on to it, and no others.
    private static void addTasks(List<Map<?, ?>> tasks, Map<String, String> ofPipeline, List<PipelineScript> to) {
        for (Map<?, ?> task : tasks) {
            Map<?, ?> spec = map(task, "taskSpec");
            List<String> declared = maps(spec, "params").stream()
                    .map(parameter -> String.valueOf(parameter.get("name")))
                    .toList();
            Map<String, String> known = new LinkedHashMap<>();
            for (Map<?, ?> parameter : maps(task, "params")) {
                String name = String.valueOf(parameter.get("name"));
                String value = filled(TEKTON, String.valueOf(parameter.get("value")), ofPipeline);
                if (!declared.contains(name)) {
                    throw new AssertionError(task.get("name") + " does not declare " + name);
                }
                known.put("params." + name, value);
            }
            for (Map<?, ?> step : maps(spec, "steps")) {
                Map<String, String> environment = new LinkedHashMap<>();
                for (Map<?, ?> variable : maps(step, "env")) {
                    String value = String.valueOf(variable.get("value"));
                    environment.put(String.valueOf(variable.get("name")), filled(TEKTON, value, known));
                }
                String image = filled(TEKTON, String.valueOf(step.get("image")), known);
                if (!image.contains("@sha256:")) {
                    throw new AssertionError(image + " is not pinned");
                }
                String script = literal(String.valueOf(step.get("script")), "$(");
                to.add(new PipelineScript(task.get("name") + ": " + step.get("name"), List.of(), environment, script));
            }
        }
    }

    static List<PipelineScript> ofJenkins() {
        String file = file("Jenkinsfile");
        Map<String, String> environment = new LinkedHashMap<>();
        JENKINS_SET.matcher(file).results().forEach(found -> environment.put(found.group(1), found.group(2)));
        List<PipelineScript> scripts = new ArrayList<>();
        Matcher sh = JENKINS_SH.matcher(file);
        while (sh.find()) {
            String text = sh.group(1) != null ? sh.group(1) : sh.group(2);
            scripts.add(new PipelineScript(
                    "line " + file.substring(0, sh.start()).lines().count(),
                    List.of("sh", "-xe"),
                    environment,
                    literal(text, "\\")));
        }
        return scripts;
    }

    /// The scripts that `docs/pipelines.md` gives for tools that apply Git, by heading.
    static Map<String, PipelineScript> ofGitOps() {
        try {
            String page = Files.readString(FOLDER.resolveSibling("pipelines.md"));
            Map<String, PipelineScript> scripts = new LinkedHashMap<>();
            MARKDOWN.matcher(page.substring(page.indexOf("\n## GitOps")))
                    .results()
                    .forEach(found -> scripts.put(
                            found.group(1),
                            new PipelineScript(found.group(1), List.of("bash", "-e"), Map.of(), found.group(2))));
            return scripts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The system would put something in here that no test has seen, or a user's input would become a command.
    private static String literal(String script, String marker) {
        if (script.contains(marker)) {
            throw new AssertionError("a script with " + marker + ": " + script);
        }
        return script;
    }

    private static String filled(Pattern expression, String text, Map<String, String> values) {
        return expression.matcher(text).replaceAll(found -> {
            String value = values.get(found.group(1));
            if (value == null) {
                throw new AssertionError("nobody gives " + found.group() + "; given are " + values.keySet());
            }
            return Matcher.quoteReplacement(value);
        });
    }

    private static Map<String, String> texts(Map<?, ?> all) {
        Map<String, String> texts = new LinkedHashMap<>();
        all.forEach((key, value) -> texts.put(key.toString(), value.toString()));
        return texts;
    }

    static Map<?, ?> map(Object parent, String field) {
        return parent instanceof Map<?, ?> all && all.get(field) instanceof Map<?, ?> found ? found : Map.of();
    }

    static List<?> list(Object parent, String field) {
        return parent instanceof Map<?, ?> all && all.get(field) instanceof List<?> found ? found : List.of();
    }

    private static List<Map<?, ?>> maps(Object parent, String field) {
        List<Map<?, ?>> found = new ArrayList<>();
        for (Object item : list(parent, field)) {
            if (item instanceof Map<?, ?> fields) {
                found.add(fields);
            }
        }
        return found;
    }

    /// As a line that runs it in `folder`.
    List<String> line(Path folder, Path script) {
        List<String> line = new ArrayList<>(Arrays.asList("sh", "-c", "cd \"$0\" && exec \"$@\"", folder.toString()));
        line.addAll(shell);
        line.add(script.toString());
        return line;
    }
}
