// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Every `canary.io/` key there is, on what it stands and who may set it (design section 2). The only place with
/// the strings.
public enum CanaryKey {
    WEIGHT("weight", Place.DEPLOYMENT, Owner.USER),
    VERSION("version", Place.DEPLOYMENT, Owner.USER),
    SERVICE("service", Place.DEPLOYMENT, Owner.USER),
    HOSTS("hosts", Place.DEPLOYMENT, Owner.USER),
    USERS("users", Place.DEPLOYMENT, Owner.USER),
    LANE("lane", Place.DEPLOYMENT, Owner.USER),
    STICKY("sticky", Place.DEPLOYMENT, Owner.USER),
    MIRROR("mirror", Place.DEPLOYMENT, Owner.USER),
    STABLE("stable", Place.SERVICE, Owner.USER),
    ABORT("abort", Place.SERVICE, Owner.USER),
    PAUSED("paused", Place.SERVICE, Owner.USER),
    REPLICAS("replicas", Place.SERVICE, Owner.USER),
    SCALE_DOWN_DELAY("scale-down-delay", Place.SERVICE, Owner.USER),
    MANAGED("managed", Place.ROUTE, Owner.USER),
    OVERRIDE("override", Place.ANY, Owner.USER),
    APP("app", Place.DEPLOYMENT, Owner.CANARY),
    TOTAL("total", Place.DEPLOYMENT, Owner.CANARY),
    SPENT("spent", Place.DEPLOYMENT, Owner.CANARY),
    ORIGINAL("original", Place.ROUTE, Owner.CANARY),
    BY("by", Place.ANY, Owner.CANARY);

    /// The prefix of all keys.
    public static final String PREFIX = "canary.io/";

    /// Those that bring requests to a version that has no share: some hosts, users, or a lane.
    public static final List<CanaryKey> ENTRIES = List.of(HOSTS, USERS, LANE);

    /// On which kind of object a key belongs.
    public enum Place {
        DEPLOYMENT,
        SERVICE,
        ROUTE,
        ANY;

        /// What a person calls it in a message.
        public String text() {
            return switch (this) {
                case DEPLOYMENT -> "Deployment";
                case SERVICE -> "root Service";
                case ROUTE -> "HTTPRoute or GRPCRoute";
                case ANY -> "any object";
            };
        }
    }

    /// Who may set a key.
    public enum Owner {
        USER,
        CANARY
    }

    private final String text;
    private final Place place;
    private final Owner owner;

    CanaryKey(String suffix, Place place, Owner owner) {
        this.text = PREFIX + suffix;
        this.place = place;
        this.owner = owner;
    }

    /// The key as it is written: `canary.io/weight`.
    public String text() {
        return text;
    }

    public Place place() {
        return place;
    }

    public Owner owner() {
        return owner;
    }

    /// The value of this key in `annotations`, if it is set.
    public Optional<String> in(Map<String, String> annotations) {
        return Optional.ofNullable(annotations.get(text));
    }

    /// Whether this key is set in `annotations`.
    public boolean isIn(Map<String, String> annotations) {
        return annotations.containsKey(text);
    }

    /// The key written as `text`, if it is one of ours.
    public static Optional<CanaryKey> of(String text) {
        return Arrays.stream(values()).filter(key -> key.text.equals(text)).findFirst();
    }

    /// Whether `text` stands in our name space.
    public static boolean isCanary(String text) {
        return text.startsWith(PREFIX);
    }

    /// The keys that users set, in the order of design section 2.
    public static List<CanaryKey> ofUsers() {
        return Arrays.stream(values()).filter(key -> key.owner != Owner.CANARY).toList();
    }

    /// The known key of users nearest to the mistyped `text`, by edit distance.
    public static CanaryKey nearest(String text) {
        return ofUsers().stream()
                .min(Comparator.comparingInt(key -> Names.distance(key.text, text)))
                .orElseThrow();
    }

    /// Whether any key of a user's stands in `annotations` that asks for something: what is left of an override does
    /// not.
    public static boolean anyOfUsers(Map<String, String> annotations) {
        return annotations.keySet().stream()
                .map(CanaryKey::of)
                .anyMatch(key -> key.isPresent() && key.get().owner != Owner.CANARY && key.get() != OVERRIDE);
    }
}
