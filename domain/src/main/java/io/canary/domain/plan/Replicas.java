// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.Release;
import io.canary.domain.app.Version;
import io.canary.domain.share.NextShares;
import io.canary.domain.share.Shares;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How many pods each version shall have now: rules 2, 4 and 6 of design section 5.
final class Replicas {
    private static final Duration STUCK = Duration.ofSeconds(60);

    private Replicas() {}

    /// What one version shall have.
    ///
    /// @param surplus what it has beyond what any share wants, or null
    /// @param madeRoom whether it loses pods so that a receiver without any can start
    record Target(Version version, int to, Memory.@Nullable Surplus surplus, boolean madeRoom, String why) {}

    /// What routes do with traffic.
    ///
    /// @param settled whether every route's status is current for the shares in force
    /// @param carried the shares on each route of ours and each managed one: they are written one after the
    ///     other, and a weight has left a version when it has left the last of them
    record Routes(boolean settled, List<Shares> carried) {}

    static List<Target> targets(
            Situation s,
            NextShares next,
            Memory.@Nullable Stuck stuck,
            Routes routes,
            Map<String, Memory.OfVersion> memory,
            Watch watch) {
        boolean replicaMode = s.mode().value() == Release.Mode.REPLICA;
        Map<String, Integer> asked = s.parts(s.asked().shares());
        Map<String, Integer> upcoming = s.parts(next.shares());
        Map<String, Integer> current = s.parts(s.inForce());
        Map<String, Integer> goal = s.parts(s.goal());
        Map<String, Integer> carried = new HashMap<>();
        routes.carried().forEach(shares -> s.parts(shares).forEach((v, pods) -> carried.merge(v, pods, Math::max)));
        Map<String, Integer> keep = replicaMode && s.retreating() ? keep(s, goal) : Map.of();
        boolean noRoom = stuck != null
                && stuck.mostReady() == 0
                && s.app().version(stuck.receiver()).map(v -> v.ready() == 0).orElse(true)
                && watch.over(stuck.since(), STUCK);
        List<Target> targets = new ArrayList<>();
        for (Version v : s.app().versions()) {
            if (!s.scales(v) || !s.app().named(v)) {
                continue;
            }
            int shared = Math.max(goal.getOrDefault(v.name(), 0), upcoming.getOrDefault(v.name(), 0));
            int wanted = Math.max(shared, s.beside(v));
            int floor = Math.max(Math.max(wanted, asked.getOrDefault(v.name(), 0)), current.getOrDefault(v.name(), 0));
            Need need = new Need(floor, Math.max(floor, carried.getOrDefault(v.name(), 0)));
            boolean falls = falls(s, v);
            Memory.OfVersion m = memory.getOrDefault(v.uid(), Memory.OfVersion.NEW);
            if (v.autoscaler() != null) {
                targets.add(autoscaled(s, v, v.autoscaler().minReplicas(), need, routes.settled(), m, watch));
            } else if (keep.containsKey(v.name())) {
                int to = keep.getOrDefault(v.name(), v.replicas());
                targets.add(new Target(v, to, null, false, "as many pods of stable became ready"));
            } else if (v.replicas() < wanted && !(falls && (next.held() > 0 || noRoom))) {
                targets.add(new Target(
                        v,
                        wanted,
                        null,
                        false,
                        shared < wanted
                                ? "its canary users, domains or lane need a pod"
                                : "its share needs " + wanted + " of " + s.total()));
            } else if (noRoom && falls && v.replicas() > 1) {
                targets.add(room(v, stuck, m, watch));
            } else if (v.replicas() > floor) {
                targets.add(surplus(s, v, need, routes.settled(), replicaMode, m, watch));
            } else {
                targets.add(new Target(v, v.replicas(), null, false, ""));
            }
        }
        return targets;
    }

    /// The pods that a version needs.
    ///
    /// @param floor by what is asked, next and in force: it does not go below
    /// @param byRoutes at least `floor`, also by the route that gives it the most: when it falls the
    ///     delay begins again
    private record Need(int floor, int byRoutes) {}

    private static Target surplus(
            Situation s, Version v, Need need, boolean settled, boolean replicaMode, Memory.OfVersion m, Watch watch) {
        Memory.Surplus before = m.surplus();
        Instant since = before != null && before.need() <= need.byRoutes() ? before.since() : watch.now();
        Memory.Surplus surplus = new Memory.Surplus(need.byRoutes(), since);
        boolean over = replicaMode || watch.over(surplus.since(), s.settings().scaleDownDelay());
        boolean lower = over && settled && !s.paused();
        return new Target(
                v,
                lower ? need.floor() : v.replicas(),
                surplus,
                false,
                "its share needs " + need.floor() + " of " + s.total());
    }

    /// An autoscaler owns the count: we write only across zero (design section 4).
    private static Target autoscaled(
            Situation s, Version v, int min, Need need, boolean settled, Memory.OfVersion m, Watch watch) {
        if (need.floor() > 0 && v.replicas() == 0) {
            return new Target(
                    v, Math.max(Math.max(1, min), need.floor()), null, false, "starts; its autoscaler goes on");
        }
        if (need.floor() == 0 && v.replicas() > 0) {
            boolean replicaMode = s.mode().value() == Release.Mode.REPLICA;
            return surplus(s, v, need, settled, replicaMode, m, watch);
        }
        return new Target(v, v.replicas(), null, false, "");
    }

    private static boolean falls(Situation s, Version v) {
        return s.goal().of(v.name()) < s.inForce().of(v.name());
    }

    /// Replica mode: the pods that the givers of a retreat keep. Together they lose one for each that the
    /// others have ready, but keep what their own share needs. Pods beyond that which are not ready go
    /// first, as a ReplicaSet does it, and take nobody's place: a giver that somebody scaled up meanwhile
    /// costs another none that serves.
    private static Map<String, Integer> keep(Situation s, Map<String, Integer> goal) {
        Map<String, Version> givers = new LinkedHashMap<>();
        int excess = -s.total();
        int serving = -s.total();
        for (Version v : s.app().versions()) {
            boolean gives = falls(s, v) && v.autoscaler() == null && s.scales(v) && !givers.containsKey(v.name());
            int part = v.autoscaler() == null ? goal.getOrDefault(v.name(), 0) : v.ready();
            int pods = Math.max(part, v.replicas());
            if (gives) {
                givers.put(v.name(), v);
            }
            excess += gives ? pods : Math.min(v.ready(), part);
            serving += gives ? Math.min(pods, Math.max(v.ready(), part)) : Math.min(v.ready(), part);
        }
        Map<String, Integer> keep = new HashMap<>();
        for (Version giver : givers.values()) {
            int part = goal.getOrDefault(giver.name(), 0);
            int pods = Math.max(part, giver.replicas());
            int idle = Math.max(0, pods - Math.max(giver.ready(), part));
            int taken = Math.max(0, Math.min(Math.min(excess, pods - part), idle + Math.max(0, serving)));
            keep.put(giver.name(), pods - taken);
            excess -= taken;
            serving -= Math.max(0, taken - idle);
        }
        return keep;
    }

    /// A receiver without a single pod for a minute has no room: the giver loses a tenth of its pods each minute.
    private static Target room(Version v, Memory.@Nullable Stuck stuck, Memory.OfVersion m, Watch watch) {
        boolean due = stuck == null || stuck.roomAt() == null || watch.over(stuck.roomAt(), STUCK);
        int to = due ? Math.max(1, v.replicas() - Math.max(1, v.replicas() / 10)) : v.replicas();
        return new Target(v, to, m.surplus(), due, "makes room: stable has had no ready pod for a minute");
    }
}
