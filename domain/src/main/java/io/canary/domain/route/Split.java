// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Weight;
import io.canary.domain.share.Shares;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How one app's traffic shall be divided: all that a route needs to know of it.
///
/// Refs of versions without a share are left out of rules, all of them (routing.md 15.6).
///
/// @param namespace the app's; refs that name another are not its
/// @param root the root Service
/// @param parts the versions that exist, also those without a share; their order is that of users' rules, so of two
///     that mean one request the first gets it
/// @param mirror what else gets a copy of each request, or null
public record Split(
        String namespace,
        String root,
        List<Part> parts,
        @Nullable Mirror mirror) {
    /// One version.
    ///
    /// @param service its Service, in the app's namespace
    /// @param ours whether we made that Service: then a ref to it cannot be older than we are
    /// @param basisPoints its share
    /// @param users who goes to it whatever its share
    /// @param lane its lane, or null
    /// @param stands whether its rules for users and lane stand now: while it has endpoints (design 5.5)
    /// @param sticky whether a client that got it by its share keeps it, by a cookie
    public record Part(
            String version,
            String service,
            boolean ours,
            int basisPoints,
            List<UserTerm> users,
            @Nullable Lane lane,
            boolean stands,
            boolean sticky) {
        public Part {
            users = List.copyOf(users);
            if (basisPoints < 0 || basisPoints > Weight.ALL) {
                throw new IllegalArgumentException("basis points 0..10000, not " + basisPoints);
            }
        }

        /// A version with a share and nothing else.
        public static Part of(String version, String service, int basisPoints) {
            return new Part(version, service, true, basisPoints, List.of(), null, true, false);
        }

        boolean keeps() {
            return sticky && stands && basisPoints > 0;
        }
    }

    /// Copies of requests, whose answers nobody sees.
    ///
    /// @param percent of the requests, 1 to 100
    public record Mirror(String service, int percent) {
        public Mirror {
            if (percent < 1 || percent > 100) {
                throw new IllegalArgumentException("percent 1..100, not " + percent);
            }
        }
    }

    public Split {
        parts = List.copyOf(parts);
        int sum = parts.stream().mapToInt(Part::basisPoints).sum();
        if (sum != Weight.ALL) {
            throw new IllegalArgumentException("shares sum to " + sum);
        }
        Set<String> services = new HashSet<>(Set.of(root));
        for (Part part : parts) {
            if (!services.add(part.service())) {
                throw new IllegalArgumentException("two of Service " + part.service());
            }
        }
    }

    /// The shares, by version.
    public Shares shares() {
        Map<String, Integer> byVersion = new LinkedHashMap<>();
        parts.forEach(part -> byVersion.put(part.version(), part.basisPoints()));
        return new Shares(byVersion);
    }

    /// The versions with a share, by name: the order of their refs.
    List<Part> sharing() {
        return parts.stream()
                .filter(part -> part.basisPoints() > 0)
                .sorted(java.util.Comparator.comparing(Part::version))
                .toList();
    }

    boolean hasLane() {
        return parts.stream().anyMatch(part -> part.lane() != null);
    }

    /// This division with the first `count` user terms only, counted over all versions.
    Split withUsers(int count) {
        int[] left = {count};
        List<Part> fewer = parts.stream()
                .map(part -> {
                    int kept = Math.min(left[0], part.users().size());
                    left[0] -= kept;
                    return new Part(
                            part.version(),
                            part.service(),
                            part.ours(),
                            part.basisPoints(),
                            part.users().subList(0, kept),
                            part.lane(),
                            part.stands(),
                            part.sticky());
                })
                .toList();
        return new Split(namespace, root, fewer, mirror);
    }

    /// This division without copies.
    public Split withoutMirror() {
        return mirror == null ? this : new Split(namespace, root, parts, null);
    }

    /// This division without users, lanes and all else that takes rules and filters of its own.
    public Split bare() {
        return new Split(
                namespace,
                root,
                parts.stream()
                        .map(part -> new Part(
                                part.version(),
                                part.service(),
                                part.ours(),
                                part.basisPoints(),
                                List.of(),
                                null,
                                false,
                                false))
                        .toList(),
                null);
    }

    /// All but the shares that a route carries: what a controller may not know how to do.
    public String extras() {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            String users = part.users().stream().map(UserTerm::text).collect(Collectors.joining(","));
            boolean any = !users.isEmpty() || part.lane() != null || part.sticky();
            if (any) {
                text.append(part.version())
                        .append('[')
                        .append(users)
                        .append(' ')
                        .append(part.lane())
                        .append(part.sticky() ? " sticky" : "")
                        .append(']');
            }
        }
        return mirror == null ? text.toString() : text + " " + mirror;
    }

    int users() {
        return parts.stream().mapToInt(part -> part.users().size()).sum();
    }

    /// Whose refs are meant.
    public Backends backends() {
        return new Backends(
                namespace,
                root,
                parts.stream().map(Part::service).collect(Collectors.toSet()),
                parts.stream().filter(Part::ours).map(Part::service).collect(Collectors.toSet()));
    }
}
