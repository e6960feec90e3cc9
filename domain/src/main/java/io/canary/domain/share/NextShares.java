// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import io.canary.domain.app.Weight;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The shares to put in force next in route mode: rules 3, 4, 5 and 7 of design section 5, as arithmetic. When a
/// version may rise at all is decided before, see [Position#ceilings].
///
/// @param shares what the routes shall carry next; equal to what is in force where nothing can move
/// @param held basis points that a retreat wants to move and its receiver's pods cannot carry yet
/// @param urgent whether a version without endpoints loses share: no pace or fight holds that back
/// @param withdrawn versions that lose all because they have no ready endpoint, with what they had
public record NextShares(Shares shares, int held, Map<String, Integer> withdrawn, boolean urgent) {
    /// Where an app stands.
    ///
    /// @param stable the asked stable
    /// @param record the stable of record, or null
    /// @param undo whether going from `record` to `stable` is an undo: a retreat
    /// @param aborted whether an abort stands
    /// @param total pods that the versions share
    /// @param ready by version that exists: endpoints that can take traffic; 0 also for a version without a share
    ///     whose endpoints are too new
    /// @param ceilings by rising version: the share up to which its gate lets it rise; absent: not above
    ///     what it has
    /// @param mayTake versions that may take over from a stable without endpoints
    /// @param overloadPercent how far a receiver may be loaded beyond its pods: 125, or 200 where it is stuck
    /// @param doubles whether the receiver's autoscaler waits for traffic: then its share may double
    /// @param newestFirst version names
    public record Position(
            Shares inForce,
            Shares asked,
            String stable,
            @Nullable String record,
            boolean undo,
            boolean aborted,
            int total,
            Map<String, Integer> ready,
            Map<String, Integer> ceilings,
            Set<String> mayTake,
            int overloadPercent,
            boolean doubles,
            List<String> newestFirst) {
        boolean exists(String version) {
            return ready.containsKey(version);
        }

        boolean alive(String version) {
            return ready.getOrDefault(version, 0) > 0;
        }

        int ceiling(String version) {
            return Math.max(ceilings.getOrDefault(version, 0), inForce.of(version));
        }
    }

    public static NextShares of(Position p) {
        if (p.ready().values().stream().noneMatch(r -> r > 0)) {
            return new NextShares(p.inForce(), 0, Map.of(), false);
        }
        return new Division(p).divide();
    }

    /// The working state of one division: `next` grows from what the others get to what is left for a receiver.
    private static final class Division {
        private final Position p;
        private final Shares now;
        private final TreeMap<String, Integer> next = new TreeMap<>();
        private final Set<String> all;
        private int held;

        Division(Position p) {
            this.p = p;
            this.now = p.inForce();
            this.all = new TreeSet<>(now.union(p.asked()));
            all.add(p.stable());
        }

        NextShares divide() {
            for (String v : all) {
                if (!v.equals(p.stable())) {
                    next.put(v, p.alive(v) ? Math.min(p.asked().of(v), p.ceiling(v)) : 0);
                }
            }
            int rest = Weight.ALL - sum(next);
            String receiver = p.stable();
            // A promotion waits for all its pods; an undo goes as they come, but not before the first.
            boolean waits = !p.undo() || !p.alive(p.stable());
            if (waits && p.record() != null && !p.stable().equals(p.record())) {
                int able = p.alive(p.stable()) ? Math.min(promoted(rest), rest) : 0;
                next.put(p.stable(), able);
                rest -= able;
                receiver = p.record();
                rest += next.getOrDefault(receiver, 0);
            }
            next.put(receiver, 0);
            if (p.alive(receiver)) {
                retreat(receiver, rest);
            } else {
                standIn(receiver, rest);
            }
            Shares shares = new Shares(next);
            TreeMap<String, Integer> withdrawn = new TreeMap<>();
            for (String v : now.versions()) {
                if (p.exists(v) && !p.alive(v) && p.asked().of(v) > 0 && shares.of(v) == 0) {
                    withdrawn.put(v, now.of(v));
                }
            }
            boolean urgent = all.stream().anyMatch(v -> !p.alive(v) && shares.of(v) < now.of(v));
            return new NextShares(shares, held, withdrawn, urgent);
        }

        /// How much of `rest` the version that is promoted may take: all where its gate is open and it has the pods
        /// for that, else what it asks for; what is left over stays with the stable of record.
        private int promoted(int rest) {
            int ceiling = p.ceiling(p.stable());
            TreeMap<String, Integer> wanted = new TreeMap<>(next);
            wanted.put(p.stable(), rest);
            int need = ReplicaSplit.of(p.total(), wanted, p.newestFirst()).getOrDefault(p.stable(), 0);
            boolean enough = p.ready().getOrDefault(p.stable(), 0) >= ReplicaSplit.enough(need);
            int least = Math.max(p.asked().of(p.stable()), now.of(p.stable()));
            return enough && ceiling == Weight.ALL ? rest : Math.min(ceiling, least);
        }

        /// Rule 4: as much to `receiver` as its pods carry; what the dead and deleted held goes without a cap.
        private void retreat(String receiver, int rest) {
            TreeMap<String, Integer> wanted = new TreeMap<>(next);
            wanted.put(receiver, rest);
            int need = Math.max(
                    1, ReplicaSplit.of(p.total(), wanted, p.newestFirst()).getOrDefault(receiver, 1));
            long carried = (long) rest * p.ready().getOrDefault(receiver, 0) * p.overloadPercent() / need / 100;
            if (p.doubles()) {
                carried = Math.max(carried, 2L * now.of(receiver));
            }
            int dead = all.stream().filter(v -> !p.alive(v)).mapToInt(now::of).sum();
            int least = Math.min(rest, now.of(receiver) + dead);
            int most = wholePercent((int) Math.min(rest, carried));
            int given = carried >= rest ? rest : Math.max(least, most);
            given = rest - giveBack(receiver, rest - given);
            held = rest - given;
            next.put(receiver, given);
        }

        /// Rule 5 where `receiver` itself has no endpoint: no write raises it. The versions that ask for traffic may
        /// take of its share, each up to twice its part of the pods; what nobody can take stays where it is.
        private void standIn(String receiver, int rest) {
            int dead = all.stream()
                    .filter(v -> !v.equals(receiver) && !p.alive(v))
                    .mapToInt(now::of)
                    .sum();
            int left = rest;
            left -= giveBack(receiver, Math.max(0, left - now.of(receiver) - dead));
            held = rest - left;
            if (!p.aborted()) {
                for (String v : p.newestFirst()) {
                    if (p.mayTake().contains(v)
                            && !v.equals(receiver)
                            && p.alive(v)
                            && p.asked().of(v) > 0) {
                        long limit = 2L * Weight.ALL * p.ready().getOrDefault(v, 0) / Math.max(1, p.total());
                        int taken =
                                Math.min(left, Math.max(0, wholePercent((int) Math.min(Weight.ALL, limit)) - at(v)));
                        next.merge(v, taken, Integer::sum);
                        left -= taken;
                    }
                }
            }
            int kept = Math.min(left, now.of(receiver));
            next.put(receiver, kept);
            left -= kept;
            int deleted =
                    all.stream().filter(v -> !p.exists(v)).mapToInt(now::of).sum();
            left -= spread(Math.min(left, deleted));
            for (String v : all) {
                if (!v.equals(receiver) && !p.alive(v) && left > 0) {
                    int stays = Math.min(left, now.of(v));
                    next.put(v, stays);
                    left -= stays;
                }
            }
            next.merge(receiver, left, Integer::sum);
        }

        /// Gives `amount` back to the living versions that were to fall, in proportion to their fall; returns how
        /// much they took.
        private int giveBack(String receiver, int amount) {
            TreeMap<String, Integer> falls = new TreeMap<>();
            for (String v : all) {
                if (!v.equals(receiver) && p.alive(v) && now.of(v) > at(v)) {
                    falls.put(v, now.of(v) - at(v));
                }
            }
            int back = Math.min(amount, sum(falls));
            if (back > 0) {
                Shares.scaled(falls, sum(falls), back, p.newestFirst())
                        .forEach((v, part) -> next.merge(v, part, Integer::sum));
            }
            return back;
        }

        /// Spreads what deleted versions held over the living, in proportion to what they have.
        private int spread(int amount) {
            TreeMap<String, Integer> living = new TreeMap<>();
            for (String v : p.ready().keySet()) {
                if (p.alive(v) && (now.of(v) > 0 || p.asked().of(v) > 0)) {
                    living.put(v, Math.max(1, at(v)));
                }
            }
            if (amount <= 0 || living.isEmpty()) {
                return 0;
            }
            Shares.scaled(living, sum(living), amount, p.newestFirst())
                    .forEach((v, part) -> next.merge(v, part, Integer::sum));
            return amount;
        }

        private int at(String version) {
            return next.getOrDefault(version, 0);
        }

        /// Down to whole percents, where that leaves any: routes then carry percents.
        private static int wholePercent(int basisPoints) {
            return basisPoints >= 100 ? basisPoints / 100 * 100 : basisPoints;
        }

        private static int sum(Map<String, Integer> shares) {
            return shares.values().stream().mapToInt(Integer::intValue).sum();
        }
    }
}
