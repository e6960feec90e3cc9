// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import io.canary.kubectl.cli.Usage.Completes;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Every verb, in the order in which help lists them.
public enum Verb {
    STATUS(
            Group.LOOK,
            "status",
            usage(
                    "[APP...]",
                    0,
                    -1,
                    Completes.APP,
                    "What an app's release does now, what it waits for, and what to type next",
                    "Reads the Release, one call. Without APP: the only one of the namespace, else a list.",
                    List.of(
                            Flags.WATCH,
                            Flags.OUTPUT,
                            Flags.SELECTOR,
                            Flag.toggle("owners", "", "name who owns the keys, by field manager")),
                    "# once",
                    "kubectl canary status order",
                    "# until it is done or needs you",
                    "kubectl canary status order -w")),
    LIST(
            Group.LOOK,
            "list",
            usage(
                    "",
                    0,
                    0,
                    Completes.NOTHING,
                    "All releases of a namespace",
                    "",
                    List.of(
                            Flag.toggle("all-namespaces", "A", "of all namespaces"),
                            Flags.WATCH,
                            Flags.OUTPUT,
                            Flags.SELECTOR),
                    "kubectl canary list -A")),
    HISTORY(
            Group.LOOK,
            "history",
            usage(
                    "APP",
                    1,
                    1,
                    Completes.APP,
                    "The last 20 moves: when, from, to, why, by whom",
                    "",
                    List.of(Flags.OUTPUT),
                    "kubectl canary history order")),
    PLAN(
            Group.LOOK,
            "plan",
            usage(
                    "APP [CHANGE...]",
                    1,
                    -1,
                    Completes.APP,
                    "What would be written, in which order, and why; writes nothing",
                    "CHANGE is promote, promote=VERSION, abort, retry, undo, pause, resume, VERSION=PERCENT or a bare"
                            + " PERCENT. The plan is made by the code that runs in the cluster. Exit code 0: nothing"
                            + " would change; 1: something would; 2: it could not be planned.",
                    List.of(Flags.DATA),
                    "# what weight 25 would do",
                    "kubectl canary plan order 25",
                    "kubectl canary plan order v2=50 v3=20",
                    "kubectl canary plan order promote")),
    CHECK(
            Group.LOOK,
            "check",
            usage(
                    "[APP]",
                    0,
                    1,
                    Completes.APP,
                    "Whether Canary is installed and answers, and what stands in an app's way",
                    "Each finding has a code, CAN101 and so on, and a hint. Exit code 5 where something failed.",
                    List.of(
                            Flag.toggle("pre", "", "before an installation: what the cluster offers"),
                            Flag.choice("fail-on", "", List.of("error", "warning"), "error", "what makes exit code 5"),
                            Flag.value("code", "", "CODE", "", "only this check"),
                            Flags.DATA),
                    "kubectl canary check --pre",
                    "kubectl canary check order -n shop")),
    START(
            Group.MOVE,
            "start",
            usage(
                    "APP",
                    1,
                    1,
                    Completes.NOTHING,
                    "Start a new version beside the stable one",
                    "Copies the stable Deployment, or the one of --from, as APP-VERSION with another image and a weight;"
                            + " or takes the Deployment in --filename. Its pods start at 0; Canary does the rest. The"
                            + " same image again is no change; another canary in progress is not overtaken, but for --force.",
                    List.of(
                            Flag.value("image", "", "IMAGE", "", "the new image, best by digest"),
                            Flag.value("weight", "", "PERCENT", "", "the share to begin with, as 10 or 0.5"),
                            Flag.value(
                                    "container", "c", "NAME", "", "whose image; default: the one of this repository"),
                            Flag.value("as-version", "", "VERSION", "", "its name; default: the next vN"),
                            Flag.value("from", "", "VERSION", "", "the version to copy; default: stable"),
                            Flag.value(
                                    "filename", "f", "FILE", "", "a Deployment in YAML or JSON; - is standard input"),
                            Flags.OVERRIDE,
                            Flags.DRY_RUN,
                            Flag.choice("output", "o", List.of("yaml", "json", "name"), "", "print the Deployment"),
                            Flags.FORCE,
                            Flags.WAIT,
                            Flags.TIMEOUT),
                    "kubectl canary start order --image=order:2.4.0-9f3c2ab1@sha256:... --weight=10",
                    "# for Git: only print it",
                    "kubectl canary start order --image=order:2.4.0 --weight=10 --dry-run=client -o yaml > v2.yaml")),
    SET_WEIGHT(
            Group.MOVE,
            "set weight",
            usage(
                    "APP PERCENT | APP VERSION=PERCENT...",
                    2,
                    -1,
                    Completes.APP,
                    "Give versions a share of traffic and pods",
                    "A bare PERCENT is for the only version beside stable, or for --version.",
                    List.of(
                            Flag.value("version", "", "VERSION", "", "whose weight a bare PERCENT is"),
                            Flags.OVERRIDE,
                            Flags.DRY_RUN,
                            Flags.FORCE,
                            Flags.WAIT,
                            Flags.TIMEOUT),
                    "kubectl canary set weight order 25",
                    "kubectl canary set weight reviews v1=50 v3=50")),
    SET_HOSTS(
            Group.MOVE,
            "set hosts",
            usage(
                    "APP [HOST...]",
                    1,
                    -1,
                    Completes.APP,
                    "Send whole domains to a version; none removes them",
                    "",
                    List.of(
                            Flag.value(
                                    "version", "", "VERSION", "", "which version; default: the only one beside stable"),
                            Flags.OVERRIDE,
                            Flags.DRY_RUN),
                    "kubectl canary set hosts order canary.shop.example")),
    SET_USERS(
            Group.MOVE,
            "set users",
            usage(
                    "APP [TERM...]",
                    1,
                    -1,
                    Completes.APP,
                    "Send some users to a version by header or cookie; none removes them",
                    "TERM is header:NAME=VALUE or cookie:NAME=VALUE.",
                    List.of(
                            Flag.value(
                                    "version", "", "VERSION", "", "which version; default: the only one beside stable"),
                            Flags.OVERRIDE,
                            Flags.DRY_RUN),
                    "kubectl canary set users order header:x-user-id=alice cookie:canary=always")),
    PROMOTE(
            Group.MOVE,
            "promote",
            usage(
                    "APP...",
                    0,
                    -1,
                    Completes.APPS,
                    "Make a version stable: it takes all that no other asks for",
                    "One edit of canary.io/stable on the root Service.",
                    List.of(
                            Flag.value(
                                    "version", "", "VERSION", "", "which version; default: the only one with a weight"),
                            Flags.OVERRIDE,
                            Flags.CHOOSING,
                            Flags.DRY_RUN,
                            Flags.FORCE,
                            Flags.WAIT,
                            Flags.TIMEOUT),
                    "kubectl canary promote order --wait",
                    "kubectl canary promote -l team=shop")),
    ABORT(
            Group.MOVE,
            "abort",
            usage(
                    "APP...",
                    0,
                    -1,
                    Completes.APPS,
                    "Send everything back to stable and hold it there",
                    "Whatever the weights say, until kubectl canary retry.",
                    List.of(
                            Flag.value("reason", "", "TEXT", "", "why, for all who look at it later"),
                            Flags.CHOOSING,
                            Flags.DRY_RUN,
                            Flags.WAIT,
                            Flags.TIMEOUT),
                    "kubectl canary abort order --reason=\"5xx on /checkout\"")),
    RETRY(
            Group.MOVE,
            "retry",
            usage(
                    "APP...",
                    0,
                    -1,
                    Completes.APPS,
                    "End an abort: the weights come back",
                    "",
                    List.of(Flags.OVERRIDE, Flags.CHOOSING, Flags.DRY_RUN, Flags.FORCE, Flags.WAIT, Flags.TIMEOUT),
                    "kubectl canary retry order")),
    UNDO(
            Group.MOVE,
            "undo",
            usage(
                    "APP",
                    1,
                    1,
                    Completes.APP,
                    "Make an earlier stable version stable again",
                    "",
                    List.of(
                            Flag.value("to-version", "", "VERSION", "", "which; default: the one before"),
                            Flags.OVERRIDE,
                            Flag.toggle("yes", "y", "do not ask"),
                            Flags.DRY_RUN,
                            Flags.FORCE,
                            Flags.WAIT,
                            Flags.TIMEOUT),
                    "kubectl canary undo order -y --wait")),
    PAUSE(
            Group.MOVE,
            "pause",
            usage(
                    "APP...",
                    0,
                    -1,
                    Completes.APPS,
                    "Hold all advances and scale-downs; retreats go on",
                    "",
                    List.of(Flag.value("reason", "", "TEXT", "", "why"), Flags.CHOOSING, Flags.DRY_RUN),
                    "kubectl canary pause order --reason=lunch")),
    RESUME(
            Group.MOVE,
            "resume",
            usage(
                    "APP...",
                    0,
                    -1,
                    Completes.APPS,
                    "Go on after a pause",
                    "",
                    List.of(Flags.OVERRIDE, Flags.CHOOSING, Flags.DRY_RUN, Flags.FORCE, Flags.WAIT, Flags.TIMEOUT),
                    "kubectl canary resume order")),
    SCALE(
            Group.MOVE,
            "scale",
            usage(
                    "APP REPLICAS",
                    2,
                    2,
                    Completes.APP,
                    "Set how many pods the versions share",
                    "",
                    List.of(Flags.OVERRIDE, Flags.DRY_RUN, Flags.FORCE, Flags.WAIT, Flags.TIMEOUT),
                    "kubectl canary scale order 20")),
    ADOPT(
            Group.SET_UP,
            "adopt",
            usage(
                    "APP...",
                    0,
                    -1,
                    Completes.APPS,
                    "Give versions without the pod label version one; their pods roll once",
                    "",
                    List.of(Flags.CHOOSING, Flags.DRY_RUN, Flags.FORCE, Flags.WAIT, Flags.TIMEOUT),
                    "kubectl canary adopt order")),
    DETACH(
            Group.SET_UP,
            "detach",
            usage(
                    "APP...",
                    0,
                    -1,
                    Completes.APPS,
                    "Remove all keys of an app: Canary hands it back",
                    "",
                    List.of(Flags.CHOOSING, Flags.DRY_RUN, Flags.WAIT, Flags.TIMEOUT),
                    "kubectl canary detach order")),
    WAIT(
            Group.LOOK,
            "wait",
            usage(
                    "APP...",
                    0,
                    -1,
                    Completes.APPS,
                    "Wait until a release is in a phase",
                    "Exit code 124 when it does not come in time.",
                    List.of(
                            Flag.value("for", "", "phase=PHASE[,PHASE]", "", "what to wait for"),
                            Flags.CHOOSING,
                            Flags.TIMEOUT),
                    "kubectl canary wait order --for=phase=Canary,Stable --timeout=10m")),
    VERIFY(
            Group.LOOK,
            "verify",
            usage(
                    "APP",
                    1,
                    1,
                    Completes.APP,
                    "Measure the real split by requests through the Gateway or mesh",
                    "Sends GET requests, each on a connection of its own, counts which version answers, and compares that"
                            + " with the shares in force. The address is that of a Gateway of the app's routes, or"
                            + " --address; in a mesh run it in a pod that has the mesh. Shown are intervals at 95 %; the"
                            + " verdict is by 99 %, so of a hundred right splits about one is called wrong. Exit code 0:"
                            + " all shares are inside and nothing failed; 5: not so; 3: the shares changed meanwhile; 1: it"
                            + " could not be measured. --user here is a canary user; a kubeconfig user goes by --context.",
                    List.of(
                            Flag.value("requests", "", "COUNT", "1000", "how many requests, 1 to 1000000"),
                            Flag.value("address", "", "URL", "", "where to send them, as http://10.0.0.7:80"),
                            Flag.value(
                                    "host",
                                    "",
                                    "NAME",
                                    "",
                                    "the Host header; a canary domain must lead to its version alone"),
                            Flag.value(
                                    "user",
                                    "",
                                    "TERM",
                                    "",
                                    "header:NAME=VALUE or cookie:NAME=VALUE to send; a canary user must get its version"
                                            + " alone"),
                            Flag.value("path", "", "PATH", "/", "what to ask for"),
                            Flag.value(
                                    "by",
                                    "",
                                    "header:NAME|body:REGEX",
                                    "",
                                    "where an answer names its version; default: header x-canary-version,"
                                            + " x-app-version, x-version or version"),
                            Flag.value("concurrency", "", "COUNT", "8", "how many at once, 1 to 1000"),
                            Flag.value("rate", "", "PER-SECOND", "100", "how many a second at most; 0 is no limit"),
                            Flag.value("timeout", "", "DURATION", "10s", "how long one request may take"),
                            Flag.toggle("insecure", "", "with https: accept any certificate"),
                            Flags.DATA),
                    "kubectl canary verify order --requests=1000",
                    "# alice must get the version that lists her",
                    "kubectl canary verify order --user=header:x-user-id=alice --requests=50",
                    "# by a port-forward to the Gateway",
                    "kubectl canary verify order --address=http://localhost:8080 --host=order.shop.example")),
    POLICY_LIST(
            Group.POLICY,
            "policy list",
            usage(
                    "",
                    0,
                    0,
                    Completes.NOTHING,
                    "All CanaryPolicies: rules, freezes, what breaks them",
                    "",
                    List.of(Flags.OUTPUT),
                    "kubectl canary policy list")),
    POLICY_EXPLAIN(
            Group.POLICY,
            "policy explain",
            usage(
                    "APP",
                    1,
                    1,
                    Completes.APP,
                    "What policies let an app do now, and which policy sets each limit",
                    "All policies that match hold at once. PASSES NOW is the greatest weight that none of them refuses"
                            + " you. Exit code 4 where you may not read policies, or the namespace's labels where they"
                            + " count: then what is known is told.",
                    List.of(Flags.DATA),
                    "kubectl canary policy explain order -n shop")),
    POLICY_TEST(
            Group.POLICY,
            "policy test",
            usage(
                    "",
                    0,
                    0,
                    Completes.NOTHING,
                    "Judge files by CanaryPolicies in files, without a cluster",
                    "Takes CanaryPolicies, Deployments, Services, HTTPRoutes, GRPCRoutes, Namespaces for their labels, and"
                            + " Releases as what the cluster knows, and judges each object as if it were created, or"
                            + " with --old changed. Or cases, of kind CanaryPolicyTest, which say what they expect."
                            + " Exit code 0: nothing is denied, and each case is as expected; 1: not so; 2: a file or a"
                            + " policy is wrong.",
                    List.of(
                            new Flag(
                                    "filename",
                                    "f",
                                    Flag.Kind.MANY,
                                    "FILE",
                                    List.of(),
                                    "",
                                    "YAML or JSON, or a folder of it; - is standard input; several times"),
                            new Flag(
                                    "old",
                                    "",
                                    Flag.Kind.MANY,
                                    "FILE",
                                    List.of(),
                                    "",
                                    "the objects as they stand in the cluster; several times"),
                            Flag.value("as", "", "USER", "somebody", "who asks"),
                            Flag.value("groups", "", "GROUP,...", "", "their groups"),
                            Flag.value(
                                    "allow",
                                    "",
                                    "VERB,...",
                                    "",
                                    "what they may do on releases.canary.io: start, advance, promote, override"),
                            Flag.value("at", "", "TIME", "", "when, as 2026-12-24T10:00:00Z; default: now"),
                            Flag.value("namespace-labels", "", "KEY=VALUE,...", "", "labels of the namespaces"),
                            Flag.choice(
                                    "output",
                                    "o",
                                    List.of("table", "json", "junit"),
                                    "",
                                    "format; the default is table")),
                    "kubectl canary policy test -f policies/ -f order-v2.yaml --namespace-labels=env=prod",
                    "# a change of what stands, on Christmas Eve",
                    "kubectl canary policy test -f all/ --old=old.yaml --allow=advance --at=2026-12-24T10:00Z",
                    "# cases that say what they expect, for a pipeline",
                    "kubectl canary policy test -f policies/ -f cases/ -o junit > policy.xml")),
    POLICY_REPORT(
            Group.POLICY,
            "policy report",
            usage(
                    "",
                    0,
                    0,
                    Completes.NOTHING,
                    "What breaks policies today, as it stands",
                    "By the code that judges changes. Steps, windows and who asked are of changes, and not told here."
                            + " Exit code 0, or 5 where --fail-on finds something.",
                    List.of(
                            Flag.toggle("all-namespaces", "A", "of all namespaces"),
                            Flag.choice(
                                    "fail-on",
                                    "",
                                    List.of("none", "deny", "warn", "audit"),
                                    "none",
                                    "what makes exit code 5: this or worse"),
                            Flags.DATA),
                    "kubectl canary policy report -A",
                    "kubectl canary policy report -n shop --fail-on=deny")),
    INSTALL(
            Group.SET_UP,
            "install",
            usage(
                    "",
                    0,
                    0,
                    Completes.NOTHING,
                    "Install or upgrade Canary in the cluster",
                    "Applies the manifests of this plugin's version by server-side apply, CRDs first.",
                    List.of(
                            Flag.value("image", "", "IMAGE", "", "the webhook's image"),
                            Flag.value("replicas", "", "COUNT", "", "how many pods answer"),
                            Flags.DRY_RUN,
                            Flag.choice("output", "o", List.of("yaml"), "", "print the manifests"),
                            Flags.WAIT,
                            Flags.TIMEOUT),
                    "kubectl canary install --wait",
                    "kubectl canary install --dry-run=client -o yaml > canary.yaml")),
    UNINSTALL(
            Group.SET_UP,
            "uninstall",
            usage(
                    "",
                    0,
                    0,
                    Completes.NOTHING,
                    "Remove Canary; apps keep the split that is in force",
                    "Webhook configurations go first, CRDs last.",
                    List.of(Flag.toggle("yes", "y", "do not ask"), Flags.DRY_RUN),
                    "kubectl canary uninstall -y")),
    VERSION(
            Group.OTHER,
            "version",
            usage(
                    "",
                    0,
                    0,
                    Completes.NOTHING,
                    "Versions of plugin, controller and API server",
                    "",
                    List.of(Flag.toggle("client", "", "only the plugin's; needs no cluster"), Flags.DATA),
                    "kubectl canary version --client")),
    COMPLETION(
            Group.OTHER,
            "completion",
            usage(
                    "bash|zsh|fish|powershell|kubectl",
                    1,
                    1,
                    Completes.SHELL,
                    "Completion for a shell, or for kubectl's own",
                    "",
                    List.of(Flag.toggle("install", "", "with kubectl: put the shim on PATH, beside the plugin")),
                    "source <(kubectl canary completion bash)",
                    "kubectl canary completion kubectl --install")),
    OPTIONS(
            Group.OTHER,
            "options",
            usage(
                    "",
                    0,
                    0,
                    Completes.NOTHING,
                    "kubectl's flags, which every verb takes",
                    "",
                    List.of(),
                    "kubectl canary options"));

    /// How help groups the verbs.
    enum Group {
        MOVE("Move traffic"),
        LOOK("Look"),
        POLICY("Policies"),
        SET_UP("Set up"),
        OTHER("Other");

        final String title;

        Group(String title) {
            this.title = title;
        }
    }

    private final Group group;
    private final String words;

    @SuppressWarnings("ImmutableEnumChecker") // its lists are copies
    private final Usage usage;

    Verb(Group group, String words, Usage usage) {
        this.group = group;
        this.words = words;
        this.usage = usage;
    }

    Group group() {
        return group;
    }

    /// As it is typed: `set weight`.
    public String words() {
        return words;
    }

    public Usage usage() {
        return usage;
    }

    static Optional<Verb> named(String words) {
        String known = words.equals("rollback") ? "abort" : words.equals("diff") ? "plan" : words;
        return Arrays.stream(values()).filter(verb -> verb.words.equals(known)).findFirst();
    }

    /// The verb of these words or of the first two or one of them, else those that begin with the first.
    static List<Verb> startingWith(List<String> typed) {
        for (int length = Math.min(2, typed.size()); length > 0; length--) {
            Optional<Verb> verb = named(String.join(" ", typed.subList(0, length)));
            if (verb.isPresent()) {
                return List.of(verb.get());
            }
        }
        return Arrays.stream(values())
                .filter(verb -> verb.words.startsWith(typed.getFirst() + " "))
                .toList();
    }

    static List<String> names() {
        return Stream.of(values()).map(Verb::words).toList();
    }

    private static Usage usage(
            String arguments,
            int least,
            int most,
            Completes completes,
            String summary,
            String text,
            List<Flag> flags,
            String... examples) {
        return new Usage(arguments, least, most, summary, text, List.of(examples), flags, completes);
    }
}
