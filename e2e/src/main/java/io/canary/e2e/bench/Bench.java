// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.testbed.Binaries;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.Settings;
import io.canary.e2e.watch.MeshStandIn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// `make bench`: all measurements, in an order in which none disturbs another. Ends with 0 unless something did not
/// happen at all. Arguments name the parts that are wanted; none: all but `spread` and `soak`.
public final class Bench {
    private final Lab lab;
    private final Report report;
    private final Set<Part> parts;

    private enum Part {
        ADMISSION,
        POLICY,
        ROUTE,
        PODS,
        CALLS,
        PLUGIN,
        MANY,
        SPREAD,
        SOAK;

        private static final Set<Part> LONG = EnumSet.of(SPREAD, SOAK);
    }

    private Bench(Lab lab, Set<Part> parts) {
        this.lab = lab;
        this.report = lab.report();
        this.parts = parts;
    }

    public static void main(String[] arguments) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String argument : arguments) {
            parts.add(Part.valueOf(argument.toUpperCase(Locale.ROOT)));
        }
        System.exit(run(System.getenv(), parts.isEmpty() ? EnumSet.complementOf(EnumSet.copyOf(Part.LONG)) : parts));
    }

    private static int run(Map<String, String> environment, Set<Part> parts) {
        Path work = Path.of(environment.getOrDefault("CANARY_TESTBED_WORK", "target/bench"));
        // Unlike in tests, etcd waits for its disk as in production.
        Settings settings = Settings.DEFAULT.withFsync(true);
        Report report = new Report(System.out);
        try (ControlPlane cluster = new ControlPlane(Binaries.require(environment), work, settings)) {
            report.title("Canary's benchmark");
            report.line("Machine: " + Machine.here() + "; everything below shares it");
            report.progress("starting etcd (with fsync), kube-apiserver, controller manager, scheduler and KWOK");
            cluster.start();
            report.line("Kubernetes %s, Java %s"
                    .formatted(cluster.client().getKubernetesVersion().getGitVersion(), Runtime.version()));
            try (Lab lab = Lab.of(cluster, report);
                    MeshStandIn _ = MeshStandIn.start(lab.watcher())) {
                new Bench(lab, parts).run();
            }
            return 0;
        } catch (AssertionError | IllegalStateException | IOException e) {
            System.out.println("\nFAILED: " + e);
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                System.out.println("because: " + cause);
            }
            return 1;
        }
    }

    private void run() {
        if (parts.contains(Part.ADMISSION)) {
            admission();
        } else {
            install();
        }
        if (parts.contains(Part.POLICY)) {
            policies();
        }
        if (parts.contains(Part.ROUTE)) {
            report.progress("weights of one app, by turns with a bare watch and patch");
            new RouteLatency(lab).measure();
        }
        if (parts.contains(Part.PODS)) {
            report.progress("weights of one and of 20 apps whose pods must start");
            new PodsStarting(lab).measure();
        }
        if (parts.contains(Part.CALLS)) {
            report.progress("counting API calls");
            new CallsPerChange(lab).measure();
        }
        if (parts.contains(Part.PLUGIN)) {
            report.progress("kubectl canary, by turns with kubectl get deploy");
            new PluginSpeed(lab).measure();
        }
        if (parts.contains(Part.MANY)) {
            manyDeployments();
        }
        if (parts.contains(Part.SPREAD)) {
            manyNamespaces();
        }
        if (parts.contains(Part.SOAK)) {
            soak();
        }
        report.summary();
    }

    private void install() {
        report.progress("installing the product");
        lab.product().start(lab.cluster());
    }

    /// Installs the product in the middle.
    private void admission() {
        AdmissionLatency admission = new AdmissionLatency(lab, "bench-admission");
        admission.prepare();
        report.progress("admission without the product");
        AdmissionLatency.Phase without = admission.measure();
        install();
        report.progress("admission with the product");
        AdmissionLatency.Phase with = admission.measure();
        admission.report(without, with);
    }

    /// 200 policies and 5,000 annotated Deployments; two of the policies are about what is measured, then ten.
    private void policies() {
        String namespace = "bench-policy";
        AdmissionLatency admission = new AdmissionLatency(lab, namespace);
        admission.prepare();
        ManyPolicies many = new ManyPolicies(lab, namespace);
        report.progress("creating 5,000 annotated Deployments");
        many.createDeployments();
        report.progress("waiting for their 2,500 Releases");
        many.awaitReleases();
        many.awaitQuiet();
        report.progress("admission with them, without policies");
        AdmissionLatency.Phase without = admission.measure();
        report.progress("creating 200 policies, two for each namespace");
        many.createPolicies();
        report.progress("waiting until the product is at rest");
        many.awaitQuiet();
        AdmissionLatency.Phase two = admission.measure();
        admission.reportPolicies("200 policies, two of them about the namespace,", without, two);
        report.progress("making ten of them about every namespace, and waiting until the product is at rest");
        many.widen();
        many.awaitQuiet();
        AdmissionLatency.Phase ten = admission.measure();
        admission.reportPolicies("200 policies, ten of them about the namespace,", without, ten);
        many.clear();
    }

    private void manyDeployments() {
        Arrivals<Map<String, Integer>> routes = new Arrivals<>();
        Arrivals<Integer> ready = new Arrivals<>();
        try (Watching _ = Watching.routes(lab.watcher(), null, routes);
                Watching _ = Watching.endpoints(lab.watcher(), null, ready)) {
            ManyDeployments many = new ManyDeployments(lab, routes, ready);
            MemoryAndStart process =
                    new MemoryAndStart(lab, "1,000 Deployments", "bench-start", Duration.ofMillis(1_500));
            process.head();
            process.memory("before (after the measurements above)");
            report.progress("creating 1,000 Deployments");
            many.create();
            process.memory("1,000 Deployments, 100 releases under way at once");
            report.progress("taking last endpoints away");
            new LossOfEndpoints(lab, routes, ready).measure(many.releases());
            double peak = process.memory("after 100 losses of endpoints");
            report.progress("starting the product anew");
            process.memoryBar(Math.max(peak, process.starts()));
        }
    }

    private void manyNamespaces() {
        report.progress("creating 5,000 Deployments in 1,000 namespaces, and waiting until the product is at rest");
        ManyNamespaces many = new ManyNamespaces(lab);
        many.create();
        MemoryAndStart process = new MemoryAndStart(
                lab, "5,000 Deployments in 1,000 namespaces", "bench-spread-start", Duration.ofSeconds(60));
        process.head();
        double peak = process.memory("the process that brought all of them forward");
        report.progress("starting the product anew");
        long mark = lab.audit().mark();
        double started = process.starts();
        many.writesAfterStart(mark);
        process.memoryBar(Math.max(peak, started));
        report.progress("admission beside them");
        AdmissionLatency admission = new AdmissionLatency(lab, "bench-spread-admission");
        admission.prepare();
        admission.reportAlone(admission.measure());
    }

    private void soak() {
        Arrivals<Map<String, Integer>> routes = new Arrivals<>();
        Arrivals<Integer> ready = new Arrivals<>();
        try (Watching _ = Watching.routes(lab.watcher(), null, routes);
                Watching _ = Watching.endpoints(lab.watcher(), null, ready)) {
            report.progress("twenty minutes at 50 admissions a second");
            new Soak(lab).measure(routes, ready);
        }
    }
}
