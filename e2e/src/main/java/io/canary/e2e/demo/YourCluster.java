// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.demo;

import io.canary.e2e.product.Plugin;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The demo on a cluster of the user's: asks first, makes a namespace, three policies about it and, where there
/// is none, Canary; and takes away again what it made, by Ctrl-C too. It writes nothing else.
public final class YourCluster {
    /// Exit code of a demo that did not begin.
    public static final int USAGE = 64;

    public static final String NAMESPACE = "canary-demo";
    private static final String POLICIES = NAMESPACE + "-";
    private static final String ANY_NAMESPACE = "--namespace=default";

    /// What an installed Canary has: its usual namespace, and what it has wherever its pods are.
    private static final List<String> INSTALLED = List.of(
            "namespace/canary-system",
            "customresourcedefinition.apiextensions.k8s.io/releases.canary.io",
            "customresourcedefinition.apiextensions.k8s.io/canarypolicies.canary.io",
            "validatingwebhookconfiguration.admissionregistration.k8s.io/canary");

    private final Options options;
    private final PrintStream out;
    private final DemoCluster cluster;
    private final Set<Made> made = EnumSet.noneOf(Made.class);

    /// What is to be taken away again.
    private enum Made {
        CANARY,
        NAMESPACE
    }

    private YourCluster(Options options, DemoCluster cluster, PrintStream out) {
        this.options = options;
        this.cluster = cluster;
        this.out = out;
    }

    /// What was typed.
    ///
    /// @param context of the kubeconfig; empty for its current one
    /// @param image of the webhook, for a cluster without Canary; empty where it is not to be installed
    /// @param registry where bookinfo's images are
    /// @param yes whether not to ask
    /// @param kubectl the program
    public record Options(Path kubeconfig, String context, String image, String registry, boolean yes, String kubectl) {
        /// @throws IllegalArgumentException saying what is wrong with it
        public static Options parse(List<String> arguments) {
            Map<String, String> values = new HashMap<>();
            boolean yes = false;
            for (Iterator<String> words = arguments.iterator(); words.hasNext(); ) {
                String word = words.next();
                switch (word) {
                    case "--yes" -> yes = true;
                    case "--kubeconfig", "--context", "--image", "--images" -> {
                        if (!words.hasNext()) {
                            throw new IllegalArgumentException(word + ": its value is missing");
                        }
                        values.put(word, words.next());
                    }
                    default ->
                        throw new IllegalArgumentException(
                                word
                                        + ": no such option (--kubeconfig FILE --context NAME --image IMAGE --images REGISTRY --yes)");
                }
            }
            Path kubeconfig = Path.of(values.getOrDefault("--kubeconfig", ""));
            if (!Files.isRegularFile(kubeconfig)) {
                throw new IllegalArgumentException("--kubeconfig: \"" + kubeconfig + "\" is no file");
            }
            return new Options(
                    kubeconfig,
                    values.getOrDefault("--context", ""),
                    values.getOrDefault("--image", ""),
                    values.getOrDefault("--images", "istio"),
                    yes,
                    "kubectl");
        }

        /// With another kubectl than the one on PATH.
        public Options with(String program) {
            return new Options(kubeconfig, context, image, registry, yes, program);
        }
    }

    /// @return 0 if every step happened, 64 if nothing was begun, 1 otherwise
    public static int run(Options options, Map<String, String> environment, PrintStream out)
            throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("canary-demo");
        Path kubeconfig = work.resolve("kubeconfig");
        work.toFile().deleteOnExit(); // where Ctrl-C comes before the end; last, as the file in it is deleted first
        kubeconfig.toFile().deleteOnExit();
        try {
            Map<String, String> variables = variables(options, environment, kubeconfig);
            CommandResult alone = alone(options, variables);
            if (!alone.succeeded()) {
                return refused(
                        out, "the kubeconfig cannot be used: " + alone.stderr().strip(), "");
            }
            // Only for the user's eyes, as the folder is; kubectl finds one cluster in it and one namespace.
            Files.writeString(kubeconfig, alone.stdout());
            new Command(
                            List.of(options.kubectl, "config", "set-context", "--current", "--namespace=" + NAMESPACE),
                            variables,
                            "")
                    .run()
                    .orThrow();
            Config config = new ConfigBuilder(Config.fromKubeconfig(alone.stdout()))
                    .withOnlyHttpWatches(true)
                    .build();
            try (KubernetesClient client =
                    new KubernetesClientBuilder().withConfig(config).build()) {
                DemoCluster cluster = new DemoCluster(options.kubectl, variables, () -> client, NAMESPACE, POLICIES);
                return new YourCluster(options, cluster, out).run(environment);
            }
        } finally {
            Files.deleteIfExists(kubeconfig);
            Files.delete(work);
        }
    }

    private static Map<String, String> variables(Options options, Map<String, String> environment, Path kubeconfig) {
        Map<String, String> variables = new HashMap<>(DemoCluster.TERMINAL);
        Path program = Path.of(options.kubectl);
        String folder = program.getParent() == null ? "" : program.getParent() + ":";
        variables.put("KUBECONFIG", kubeconfig.toString());
        variables.put("PATH", Plugin.folder().resolve("bin") + ":" + folder + environment.getOrDefault("PATH", ""));
        return variables;
    }

    /// The one context of the user's kubeconfig, with all that it refers to inside.
    private static CommandResult alone(Options options, Map<String, String> variables) {
        Stream<String> context = options.context.isEmpty() ? Stream.of() : Stream.of("--context=" + options.context);
        List<String> line = Stream.concat(
                        Stream.of(
                                options.kubectl,
                                "config",
                                "view",
                                "--kubeconfig=" + options.kubeconfig,
                                "--minify",
                                "--flatten",
                                "--raw"),
                        context)
                .toList();
        return new Command(line, variables, "").run();
    }

    private int run(Map<String, String> environment) throws IOException, InterruptedException {
        CommandResult version = cluster.kubectl("get", "--raw=/version");
        if (!version.succeeded()) {
            return refused(
                    out, reached() + " does not answer: " + version.stderr().strip(), "");
        }
        out.println("The demo on " + reached() + ":");
        if (!found("namespace/" + NAMESPACE).isEmpty()) {
            return refused(
                    out,
                    "the namespace " + NAMESPACE + " is there already, and may be somebody's",
                    "if it is an earlier demo's: kubectl delete namespace " + NAMESPACE);
        }
        List<String> parts = found(INSTALLED.toArray(String[]::new));
        boolean missing = parts.isEmpty();
        if (!missing && !parts.containsAll(INSTALLED.subList(1, INSTALLED.size()))) {
            return refused(out, "Canary is there in part: " + String.join(", ", parts), "kubectl canary check");
        }
        List<String> policies = missing ? List.of() : found(policies().toArray(String[]::new));
        if (!policies.isEmpty()) {
            return refused(
                    out,
                    String.join(", ", policies) + ": there already, and may be somebody's",
                    "if of an earlier demo: kubectl delete " + String.join(" ", policies));
        }
        if (missing && options.image.isEmpty()) {
            return refused(
                    out,
                    "Canary is not installed, and no image is published that the cluster could pull",
                    "make image, push it where the cluster pulls from, then give IMAGE=registry.example.com/canary/webhook:0.1.0");
        }
        say(missing);
        // Its dry run needs a namespace that is there.
        CommandResult check = missing
                ? cluster.kubectl("canary", "check", "--pre")
                : cluster.kubectl("canary", "check", ANY_NAMESPACE);
        out.print((check.stdout() + check.stderr()).indent(4));
        if (!check.succeeded()) {
            return refused(out, "kubectl canary check found what is in the way, see above", "");
        }
        return agreed() ? began(missing, environment) : USAGE;
    }

    private Stream<String> policies() {
        return Stream.of("observe", "defaults", "production").map(name -> "canarypolicy/" + cluster.policy(name));
    }

    private String reached() {
        CommandResult context = cluster.kubectl("config", "current-context").orThrow();
        CommandResult server =
                cluster.kubectl("config", "view", "--minify", "--output=jsonpath={.clusters[0].cluster.server}");
        return "the cluster of context \"" + context.stdout().strip() + "\", " + server.stdout();
    }

    private void say(boolean missing) {
        out.println("  makes the namespace " + NAMESPACE + " with bookinfo in it, up to 25 pods, images from "
                + options.registry);
        out.println("  makes three CanaryPolicies " + POLICIES + "…, which are about that namespace alone");
        out.println(
                missing
                        ? "  installs Canary, image " + options.image + ", for it is not there"
                        : "  uses the Canary that is there, and leaves it as it is");
        out.println("  takes away at its end, or at Ctrl-C, what it made, and touches nothing else");
    }

    private boolean agreed() {
        if (options.yes) {
            return true;
        }
        Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (console.isEmpty()) {
            refused(out, "nobody is here to be asked", "give YES=1 too, where nobody needs to be asked");
            return false;
        }
        String answer = Objects.requireNonNullElse(console.get().readLine("Go on? [y/N] "), "");
        if (answer.strip().equalsIgnoreCase("y") || answer.strip().equalsIgnoreCase("yes")) {
            return true;
        }
        out.println("Nothing was changed.");
        return false;
    }

    private int began(boolean install, Map<String, String> environment) throws IOException, InterruptedException {
        Thread atCtrlC = new Thread(this::cleanUp);
        Runtime.getRuntime().addShutdownHook(atCtrlC);
        try {
            DemoStory story = new DemoStory(cluster, out);
            if (install) {
                story.step("Installing Canary");
                installCanary();
                awaitCanary();
            }
            makeNamespace();
            story.bookinfo(options.registry);
            story.tellOrHandOver(environment);
            return 0;
        } catch (AssertionError | IllegalStateException e) {
            out.println("\nFAILED: " + e.getMessage());
            out.print(cluster.kubectl("get", "pods").stdout().indent(4));
            return 1;
        } finally {
            cleanUp();
            removed(atCtrlC);
        }
    }

    private synchronized void makeNamespace() {
        cluster.kubectl("create", "namespace", NAMESPACE).orThrow();
        made.add(Made.NAMESPACE);
    }

    private synchronized void installCanary() {
        made.add(Made.CANARY); // before it is, for half of it is to go too
        cluster.kubectl("canary", "install", "--image=" + options.image).orThrow();
    }

    private void awaitCanary() {
        CommandResult answers = cluster.kubectl(
                "canary", "install", "--image=" + options.image, "--wait", "--timeout=5m", ANY_NAMESPACE);
        if (!answers.succeeded()) {
            String pods =
                    cluster.kubectl("get", "pods", "--namespace=canary-system").stdout();
            throw new IllegalStateException("Canary does not start: " + answers.stderr() + pods);
        }
        out.print(answers.stderr().indent(4));
    }

    /// The namespace first, so that Canary sees its own go; Canary last. A second call finds nothing to do.
    private synchronized void cleanUp() {
        if (!made.isEmpty()) {
            out.println("\nTaking away what the demo made");
        }
        if (made.remove(Made.NAMESPACE)) {
            tell("delete", "namespace", NAMESPACE, "--timeout=180s");
            tell(Stream.concat(Stream.of("delete", "--ignore-not-found"), policies())
                    .toArray(String[]::new));
        }
        if (made.remove(Made.CANARY)) {
            int others = lines(cluster.kubectl("get", "releases", "--all-namespaces", "--output=name"))
                    .size();
            if (others > 0) {
                out.println("    Canary stays, for others began to use it: " + others + " releases");
            } else {
                cluster.kubectl("canary", "uninstall", "--yes");
                tell("wait", "--for=delete", "namespace/canary-system", "--timeout=180s");
                out.println("    Canary is removed");
            }
        }
    }

    private void tell(String... arguments) {
        CommandResult result = cluster.kubectl(arguments);
        out.print((result.stdout() + result.stderr()).indent(4));
    }

    private static void removed(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // Ctrl-C: the hook is at work, and this the end.
        }
    }

    private List<String> found(String... objects) {
        String[] line = Stream.concat(Stream.of("get", "--ignore-not-found", "--output=name"), Stream.of(objects))
                .toArray(String[]::new);
        return lines(cluster.kubectl(line).orThrow());
    }

    private static List<String> lines(CommandResult result) {
        return result.stdout().lines().filter(line -> !line.isBlank()).toList();
    }

    private static int refused(PrintStream out, String why, String hint) {
        out.println("error: " + why);
        if (!hint.isEmpty()) {
            out.println("hint: " + hint);
        }
        return USAGE;
    }
}
