// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.Release;
import io.canary.domain.share.Shares;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one process remembers of an app between plans: since when things have been as they are. Lost at a restart
/// or takeover: each delay then begins again (design 5.6).
///
/// @param versions by Deployment uid
/// @param writes what was last written to an object, by target: to notice two owners that fight
/// @param openSince since when no controller accepts the route, or null
/// @param inForce what replica mode has reached, before the Release says so; null in route mode
/// @param stuck a retreat that waits for its receiver's pods, or null
/// @param moved the last move of the shares on routes, or null
/// @param reported when the Release was last written, or null
/// @param unreported moves that the Release does not tell yet, or null
/// @param idleSince since when a hand-back has had nothing left to move, or null
/// @param orphans since when a version Service has had no version, by name
/// @param rejected routes that a controller rejected with users, lanes, stickiness or a mirror, and just which: they
///     are written without while the same is asked
/// @param refusals targets that could not be written, and what the API server said: nothing is taken away meanwhile
/// @param told texts of the warnings already told as Events
public record Memory(
        Map<String, OfVersion> versions,
        Map<String, Write> writes,
        @Nullable Instant openSince,
        @Nullable Shares inForce,
        @Nullable Stuck stuck,
        @Nullable Moved moved,
        @Nullable Instant reported,
        @Nullable Unreported unreported,
        @Nullable Instant idleSince,
        Map<String, Instant> orphans,
        Map<String, String> rejected,
        Map<String, String> refusals,
        Set<String> told) {
    public static final Memory EMPTY = new Memory(
            Map.of(), Map.of(), null, null, null, null, null, null, null, Map.of(), Map.of(), Map.of(), Set.of());

    public Memory {
        versions = Map.copyOf(versions);
        writes = Map.copyOf(writes);
        orphans = Map.copyOf(orphans);
        rejected = Map.copyOf(rejected);
        refusals = Map.copyOf(refusals);
        told = Set.copyOf(told);
    }

    /// This one where nothing of a plan was written that ended with `after`. Since when things are as they are was seen
    /// all the same: a Service that went and came back meanwhile must not seem to have stood.
    ///
    /// @param seen what was known of versions before anything was planned for them
    Memory seen(Map<String, OfVersion> seen, Memory after) {
        return after(after, seen, writes, stuck == null ? after.stuck : stuck, moved);
    }

    /// This one after a write to a route, planned together with `after`, that may or may not have been carried out.
    /// What was taken counts as taken; what was given back does not, until that is seen.
    Memory perhaps(Memory after) {
        Map<String, OfVersion> perhaps = new HashMap<>(after.versions);
        perhaps.replaceAll((uid, planned) -> {
            OfVersion known = versions.get(uid);
            return known == null ? planned : planned.notYetBack(known);
        });
        return after(after, perhaps, writes, after.stuck, after.moved);
    }

    /// This one after the writes to `routes` that were planned together with `after`, and nothing else of that plan.
    Memory withRoutes(Memory after, Set<String> routes) {
        Map<String, Write> both = new HashMap<>(writes);
        routes.forEach(route -> {
            Write written = after.writes.get(route);
            if (written != null) {
                both.put(route, written);
            }
        });
        return after(after, after.versions, both, after.stuck, after.moved);
    }

    /// This one with what `after` saw, and nothing that it planned but what is given here.
    private Memory after(
            Memory after,
            Map<String, OfVersion> versions,
            Map<String, Write> writes,
            @Nullable Stuck stuck,
            @Nullable Moved moved) {
        return new Memory(
                versions,
                writes,
                after.openSince,
                inForce,
                stuck,
                moved,
                reported,
                unreported,
                after.idleSince,
                after.orphans,
                after.rejected,
                refusals,
                told);
    }

    /// The same, where some targets were not written.
    ///
    /// @param why those that were refused, and what the API server said
    /// @param left all of them
    public Memory without(Map<String, String> why, Set<String> left) {
        Map<String, Write> others = new HashMap<>(writes);
        others.keySet().removeAll(left);
        return new Memory(
                versions,
                others,
                openSince,
                inForce,
                stuck,
                moved,
                reported,
                unreported,
                idleSince,
                orphans,
                rejected,
                why,
                told);
    }

    /// The same, with the Release written at `when`.
    public Memory reportedAt(Instant when) {
        return new Memory(
                versions,
                writes,
                openSince,
                inForce,
                stuck,
                moved,
                when,
                unreported,
                idleSince,
                orphans,
                rejected,
                refusals,
                told);
    }

    /// A move of the shares on routes: the next one waits a while, and what others make of routes meanwhile does not.
    ///
    /// @param to what routes carry since
    public record Moved(Instant at, Shares to) {}

    /// What is remembered of one version.
    ///
    /// @param servesSince since when its Service has had a ready endpoint, or null
    /// @param gateSince since when it has had the endpoints that its asked share needs, or null
    /// @param surplus the pods it has beyond what any share wants, or null
    /// @param waitsSince since when it has waited for its asked share, or null
    /// @param waitsFor the basis points asked when that wait began
    /// @param forPods whether it has been for pods since then: then the progress deadline runs
    /// @param roseAt when an autoscaled version last rose, or null
    /// @param withdrawal what was taken from it, or null
    /// @param standing what policies need to know of it
    public record OfVersion(
            @Nullable Instant servesSince,
            @Nullable Instant gateSince,
            @Nullable Surplus surplus,
            @Nullable Instant waitsSince,
            int waitsFor,
            boolean forPods,
            @Nullable Instant roseAt,
            Release.@Nullable Withdrawal withdrawal,
            Release.Standing standing) {
        static final OfVersion NEW = new OfVersion(null, null, null, null, 0, false, null, null, Release.Standing.NONE);

        /// This one, with what `before` has to get back.
        private OfVersion notYetBack(OfVersion before) {
            Release.Withdrawal known = before.withdrawal;
            return known != null && withdrawal != null && known.at().equals(withdrawal.at()) ? with(known) : this;
        }

        OfVersion with(@Nullable Surplus now) {
            return new OfVersion(
                    servesSince, gateSince, now, waitsSince, waitsFor, forPods, roseAt, withdrawal, standing);
        }

        OfVersion with(Release.Withdrawal taken) {
            return new OfVersion(
                    servesSince, gateSince, surplus, waitsSince, waitsFor, forPods, roseAt, taken, standing);
        }

        OfVersion with(Release.Standing known) {
            return new OfVersion(
                    servesSince, gateSince, surplus, waitsSince, waitsFor, forPods, roseAt, withdrawal, known);
        }
    }

    /// Pods beyond what any share wants: they stay for the scale-down delay.
    ///
    /// @param need how many are wanted, or still needed by a route; with each share that leaves the delay
    ///     begins again
    /// @param since when no more than that were wanted first
    public record Surplus(int need, Instant since) {}

    /// Moves since the Release was last written, which is at most once a second.
    ///
    /// @param shares what is in force since the last of them
    public record Unreported(List<Release.Move> moves, Shares shares) {
        public Unreported {
            moves = List.copyOf(moves);
        }
    }

    /// The last write to one object.
    ///
    /// @param content what was written
    /// @param rounds how often the same was written again in a row, because somebody had changed it
    /// @param at when
    public record Write(String content, int rounds, Instant at) {}

    /// A retreat that is limited by its receiver's pods.
    ///
    /// @param since since when it has had no further ready pod
    /// @param mostReady the most ready pods so far
    /// @param roomAt when the givers last lost pods to make room, or null
    public record Stuck(
            String receiver,
            Instant since,
            int mostReady,
            @Nullable Instant roomAt) {}
}
