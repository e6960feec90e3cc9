// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.route.Hosts;
import io.canary.domain.route.UserTerm;
import io.canary.domain.route.Users;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What share of the requests each version should answer.
///
/// @param shares basis points by version, of all versions that the Release tells of
/// @param notes what else there is to say, as sentences; foreign texts in them are escaped
public record Expectation(Map<String, Integer> shares, Basis basis, List<String> notes) {
    /// Why just these shares.
    public sealed interface Basis {
        /// They are in force on the routes.
        record InForce() implements Basis {}

        /// Traffic follows pods: they are the shares of ready endpoints.
        record ByPods() implements Basis {}

        /// The request is one of a canary user of `version`.
        record User(String version, UserTerm term) implements Basis {}

        /// The request goes to a canary domain of `version`.
        record Domain(String version, String host) implements Basis {}

        /// The word for it in data: `inForce`, `pods`, `user`, `domain`.
        default String text() {
            return switch (this) {
                case InForce() -> "inForce";
                case ByPods() -> "pods";
                case User _ -> "user";
                case Domain _ -> "domain";
            };
        }
    }

    public Expectation {
        shares = Collections.unmodifiableMap(new TreeMap<>(shares));
        notes = List.copyOf(notes);
    }

    /// For requests to `host` by whom `user` means.
    ///
    /// @param user null for anybody
    /// @param host as in the `Host` header, a port behind it or not; may be empty
    public static Expectation of(App app, Release release, @Nullable UserTerm user, String host) {
        String name = withoutPort(host);
        Optional<String> domain = app.versions().reversed().stream()
                .filter(version -> leads(version, name))
                .map(Version::name)
                .findFirst();
        if (domain.isPresent()) {
            List<String> notes = user == null
                    ? List.of()
                    : List.of(name + " is a canary domain of " + domain.get() + ": users are not told apart there");
            return all(domain.get(), release, new Basis.Domain(domain.get(), name), notes);
        }
        if (user == null) {
            return shares(release, List.of());
        }
        Optional<String> listed = app.versions().stream()
                .filter(version -> lists(version, user))
                .map(Version::name)
                .findFirst();
        if (listed.isEmpty()) {
            return shares(release, List.of("no version lists " + user.text() + " in canary.io/users"));
        }
        String version = listed.get();
        if (release.version(version).map(Release.VersionStatus::ready).orElse(0) == 0) {
            return shares(release, List.of(version + " has no ready pod: its users get the split"));
        }
        return all(
                version,
                release,
                new Basis.User(version, user),
                release.mode() == Release.Mode.REPLICA
                        ? List.of("traffic follows pods: no route sends users to " + version)
                        : List.of());
    }

    private static Expectation shares(Release release, List<String> said) {
        List<String> notes = new ArrayList<>(said);
        boolean byPods = release.mode() == Release.Mode.REPLICA;
        Map<String, Integer> shares = new TreeMap<>();
        release.versions()
                .forEach(version -> shares.put(version.name(), byPods ? version.effective() : version.inForce()));
        if (byPods) {
            notes.add("traffic follows pods: expected is the share of ready pods");
        }
        if (!release.inForceIsAsked()) {
            notes.add("in force is not yet asked: the shares may change while they are measured");
        }
        if (release.foreignPods() > 0) {
            notes.add(release.foreignPods() + " ready pods of the Service belong to no version");
        }
        return new Expectation(shares, byPods ? new Basis.ByPods() : new Basis.InForce(), notes);
    }

    private static Expectation all(String version, Release release, Basis basis, List<String> notes) {
        Map<String, Integer> shares = new TreeMap<>();
        release.versions().forEach(each -> shares.put(each.name(), 0));
        shares.put(version, Weight.ALL);
        return new Expectation(shares, basis, notes);
    }

    private static boolean leads(Version version, String host) {
        String text = version.get(CanaryKey.HOSTS);
        return text != null
                && Hosts.read(text)
                        .read()
                        .filter(hosts -> hosts.names().contains(host))
                        .isPresent();
    }

    private static boolean lists(Version version, UserTerm term) {
        String text = version.get(CanaryKey.USERS);
        return text != null
                && Users.read(text).read().filter(users -> users.list(term)).isPresent();
    }

    private static String withoutPort(String host) {
        return host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
    }

    /// `v1 90, v2 10`, in percent; versions without a share are left out.
    public String text() {
        return shares.entrySet().stream()
                .filter(share -> share.getValue() > 0)
                .map(share -> share.getKey() + " " + Weight.percent(share.getValue()))
                .collect(Collectors.joining(", "));
    }

    public int of(String version) {
        return shares.getOrDefault(version, 0);
    }
}
