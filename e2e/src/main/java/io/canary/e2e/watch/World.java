// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The namespace as of one moment of a replayed timeline, and since when each Service has or lacks endpoints.
final class World {
    /// How many endpoints a Service has, and since when.
    ///
    /// @param ready ready endpoints now
    /// @param since when it last changed between none and some, in nanoseconds
    /// @param ever whether it had a ready endpoint at any time
    record Readiness(int ready, long since, boolean ever) {
        boolean any() {
            return ready > 0;
        }
    }

    private static final Readiness NONE = new Readiness(0, Long.MIN_VALUE, false);
    private static final Pattern DELAY = Pattern.compile("(?:(\\d+)m)?(?:(\\d+)(m?)s)?");

    private final Map<String, Seen> objects = new HashMap<>();
    private final Map<String, Readiness> readiness = new HashMap<>();
    private final Map<String, Integer> inputs = new HashMap<>();
    private long now = Long.MIN_VALUE;

    static World of(Iterable<Sighting> sightings) {
        World world = new World();
        sightings.forEach(world::apply);
        return world;
    }

    /// Takes in one sighting; answers the version of the same object before it.
    Optional<Seen> apply(Sighting sighting) {
        now = Math.max(now, sighting.nanos());
        Seen object = sighting.object();
        Seen before = sighting.deleted() ? objects.remove(object.key()) : objects.put(object.key(), object);
        if (object instanceof Seen.Slice || object instanceof Seen.Pod || object instanceof Seen.Service) {
            measure();
        }
        countInput(object, before, sighting.deleted());
        return Optional.ofNullable(before);
    }

    long now() {
        return now;
    }

    <T extends Seen> Collection<T> all(Class<T> type) {
        return objects.values().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    Optional<Seen.Service> service(String name) {
        return Optional.ofNullable(objects.get("Service/" + name)).map(Seen.Service.class::cast);
    }

    Optional<Seen.Deployment> deployment(Seen.Version version) {
        return all(Seen.Deployment.class).stream()
                .filter(d -> d.version(version.app()).equals(version.name()) && belongs(d, version.app()))
                .findFirst();
    }

    /// The app of a Deployment: what its annotations say, else the root Service that selects its pods.
    Optional<String> app(Seen.Deployment deployment) {
        String named = deployment
                .keys()
                .getOrDefault("canary.io/app", deployment.keys().get("canary.io/service"));
        return named != null
                ? Optional.of(named)
                : all(Seen.Service.class).stream()
                        .map(Seen.Service::name)
                        .filter(s -> belongs(deployment, s))
                        .findFirst();
    }

    private boolean belongs(Seen.Deployment deployment, String app) {
        String named = deployment
                .keys()
                .getOrDefault("canary.io/app", deployment.keys().get("canary.io/service"));
        if (named != null) {
            return named.equals(app);
        }
        return service(app)
                .filter(root -> root.app() == null
                        && !root.selector().isEmpty()
                        && !root.selector().containsKey("version")
                        && deployment
                                .templateLabels()
                                .entrySet()
                                .containsAll(root.selector().entrySet()))
                .isPresent();
    }

    /// The version behind a backendRef: by the Service, else, on a route of ours, by the name.
    Optional<Seen.Version> version(Seen.Route route, String service) {
        Optional<Seen.Version> told = service(service).flatMap(Seen.Service::version);
        if (told.isPresent() || route.app() == null || !service.startsWith(route.app() + "-")) {
            return told;
        }
        return Optional.of(
                new Seen.Version(route.app(), service.substring(route.app().length() + 1)));
    }

    /// Shares in basis points of the version Services in the normal split of a route; the largest where rules differ.
    Map<String, Integer> shares(Seen.Route route) {
        Map<String, Integer> shares = new TreeMap<>();
        if (route.isHosts() || (route.app() == null && !route.managed())) {
            return shares;
        }
        for (Seen.Rule rule : route.rules()) {
            if (!isDirected(route, rule)) {
                for (Seen.Ref ref : rule.refs()) {
                    version(route, ref.name())
                            .ifPresent(v -> shares.merge(ref.name(), share(route, rule, ref, v.app()), Math::max));
                }
            }
        }
        return shares;
    }

    private int share(Seen.Route route, Seen.Rule rule, Seen.Ref ref, String app) {
        long sum = rule.refs().stream()
                .filter(r -> version(route, r.name())
                        .filter(v -> v.app().equals(app))
                        .isPresent())
                .mapToLong(Seen.Ref::weight)
                .sum();
        return sum <= 0 ? 0 : (int) Math.round(ref.weight() * 10_000.0 / sum);
    }

    /// A rule of canary users or of a lane: conditional, and to one version only.
    boolean isDirected(Seen.Route route, Seen.Rule rule) {
        return rule.conditional()
                && rule.refs().size() == 1
                && version(route, rule.refs().getFirst().name()).isPresent();
    }

    /// Share of the app's ready root endpoints that belong to a version, in basis points.
    int endpointShare(Seen.Version version) {
        int all = 0;
        int its = 0;
        for (Seen.Slice slice : all(Seen.Slice.class)) {
            if (slice.service().equals(version.app())) {
                for (Seen.Endpoint e : slice.endpoints()) {
                    if (e.ready()) {
                        all++;
                        its += isOf(e.pod(), version) ? 1 : 0;
                    }
                }
            }
        }
        return all == 0 ? 0 : its * 10_000 / all;
    }

    private boolean isOf(String pod, Seen.Version version) {
        return objects.get("Pod/" + pod) instanceof Seen.Pod seen
                && version.name().equals(seen.labels().get("version"));
    }

    Optional<Seen.Release> release(String app) {
        return Optional.ofNullable(objects.get("Release/" + app)).map(Seen.Release.class::cast);
    }

    Readiness readiness(String service) {
        return readiness.getOrDefault(service, NONE);
    }

    /// Whether a Service has had no ready endpoint for longer than `grace`.
    boolean unready(String service, Duration grace) {
        Readiness r = readiness(service);
        return !r.any() && (!r.ever() || now - r.since() > grace.toNanos());
    }

    /// The asked stable: `canary.io/stable` on the root Service, else what the Release says.
    Optional<Seen.Version> stable(String app) {
        String key = service(app).map(s -> s.keys().get("canary.io/stable")).orElse(null);
        return Optional.ofNullable(key)
                .or(() -> release(app).map(Seen.Release::stable))
                .map(v -> new Seen.Version(app, v));
    }

    /// The stable of record: what the Release says, which an edit of `canary.io/stable` changes only in the end.
    Optional<Seen.Version> recorded(String app) {
        return release(app)
                .map(Seen.Release::stable)
                .map(v -> new Seen.Version(app, v))
                .or(() -> stable(app));
    }

    boolean isRecorded(Seen.Version version) {
        return recorded(version.app()).filter(version::equals).isPresent();
    }

    /// Routes whose normal split concerns the app.
    Collection<Seen.Route> routes(String app) {
        return all(Seen.Route.class).stream()
                .filter(r -> !r.isHosts() && (app.equals(r.app()) || (r.managed() && apps(r).contains(app))))
                .toList();
    }

    Set<String> apps(Seen.Route route) {
        Set<String> apps = new HashSet<>();
        shares(route).keySet().forEach(s -> version(route, s).ifPresent(v -> apps.add(v.app())));
        return apps;
    }

    /// The version Services of an app: those that are there, and those that its routes name.
    Set<Seen.Version> versions(String app) {
        Set<Seen.Version> versions = new HashSet<>();
        for (Seen.Service s : all(Seen.Service.class)) {
            s.version().filter(v -> v.app().equals(app)).ifPresent(versions::add);
        }
        for (Seen.Route route : routes(app)) {
            for (Seen.Rule rule : route.rules()) {
                rule.refs()
                        .forEach(ref -> version(route, ref.name())
                                .filter(v -> v.app().equals(app))
                                .ifPresent(versions::add));
            }
        }
        return versions;
    }

    /// The number of replicas that the versions share, where anything tells it.
    OptionalInt total(String app) {
        OptionalInt root = service(app)
                .map(s -> number(s.keys().get("canary.io/replicas")))
                .orElse(OptionalInt.empty());
        if (root.isPresent()) {
            return root;
        }
        OptionalInt release = release(app).map(Seen.Release::total).orElse(OptionalInt.empty());
        return release.isPresent()
                ? release
                : all(Seen.Deployment.class).stream()
                        .filter(d -> belongs(d, app))
                        .flatMapToInt(d -> number(d.keys().get("canary.io/total")).stream())
                        .max();
    }

    Duration scaleDownDelay(String app, Duration otherwise) {
        String text = service(app)
                .map(s -> s.keys().get("canary.io/scale-down-delay"))
                .orElse(null);
        Matcher m = DELAY.matcher(text == null ? "" : text);
        if (text == null || text.isEmpty() || !m.matches()) {
            return otherwise;
        }
        Duration minutes = Duration.ofMinutes(m.group(1) == null ? 0 : Long.parseLong(m.group(1)));
        long rest = m.group(2) == null ? 0 : Long.parseLong(m.group(2));
        return minutes.plus("m".equals(m.group(3)) ? Duration.ofMillis(rest) : Duration.ofSeconds(rest));
    }

    /// Grows with everything that may make the product move an app: edits, pods that come and go.
    int inputs(String app) {
        return inputs.getOrDefault(app, 0);
    }

    private void countInput(Seen object, @Nullable Seen before, boolean deleted) {
        switch (object) {
            case Seen.Service s
            when !(before instanceof Seen.Service b && !deleted && b.keys().equals(s.keys())) ->
                inputs.merge(s.version().map(Seen.Version::app).orElse(s.name()), 1, Integer::sum);
            case Seen.Deployment d
            when !(before instanceof Seen.Deployment b && !deleted && sameWishes(b, d)) ->
                app(d).ifPresent(a -> inputs.merge(a, 1, Integer::sum));
            case Seen.Slice s
            when !(before instanceof Seen.Slice b && !deleted && b.equals(s)) ->
                inputs.merge(
                        service(s.service())
                                .flatMap(Seen.Service::version)
                                .map(Seen.Version::app)
                                .orElse(s.service()),
                        1,
                        Integer::sum);
            default -> {}
        }
    }

    private static boolean sameWishes(Seen.Deployment a, Seen.Deployment b) {
        return a.uid().equals(b.uid())
                && a.template() == b.template()
                && a.keys().equals(b.keys());
    }

    private void measure() {
        Set<String> sliced = new HashSet<>();
        Map<String, Set<String>> ready = new HashMap<>();
        for (Seen.Slice slice : all(Seen.Slice.class)) {
            sliced.add(slice.service());
            for (Seen.Endpoint e : slice.endpoints()) {
                if (e.ready()) {
                    ready.computeIfAbsent(slice.service(), _ -> new HashSet<>()).add(e.pod());
                }
            }
        }
        Set<String> names = new HashSet<>(readiness.keySet());
        names.addAll(sliced);
        all(Seen.Service.class).forEach(s -> names.add(s.name()));
        for (String name : names) {
            int count = sliced.contains(name)
                    ? ready.getOrDefault(name, Set.of()).size()
                    : service(name).map(this::readyPods).orElse(0);
            Readiness was = readiness(name);
            boolean flipped = was.any() != count > 0;
            readiness.put(name, new Readiness(count, flipped ? now : was.since(), was.ever() || count > 0));
        }
    }

    private int readyPods(Seen.Service service) {
        return service.selector().isEmpty()
                ? 0
                : (int) all(Seen.Pod.class).stream()
                        .filter(p -> p.ready()
                                && p.labels()
                                        .entrySet()
                                        .containsAll(service.selector().entrySet()))
                        .count();
    }

    private static OptionalInt number(@Nullable String text) {
        return text != null && text.matches("\\d{1,9}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }
}
