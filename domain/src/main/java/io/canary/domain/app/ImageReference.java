// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Collection;
import java.util.List;

/// A container's image in its parts: `name:tag@digest`, where tag, digest or both may be missing.
///
/// Whether a registry would take it is not judged: the node says so when it pulls.
///
/// @param name with the registry, as it is written: `order` and `docker.io/library/order` are two
/// @param tag empty where there is none; the node then pulls `latest`, unless there is a digest
/// @param digest as `sha256:...`, empty where there is none
public record ImageReference(String name, String tag, String digest) {
    /// How many images of a Deployment are looked at: more than pods have, and little to keep and compare.
    public static final int MOST = 32;

    /// The tag that every push without one moves, and that is pulled where none is named.
    private static final String MOVING = "latest";

    /// The parts of `image`, whatever it holds.
    public static ImageReference of(String image) {
        int at = image.indexOf('@');
        String tagged = at < 0 ? image : image.substring(0, at);
        int colon = tagged.lastIndexOf(':');
        boolean hasTag = colon > tagged.lastIndexOf('/'); // else it is the port of the registry
        return new ImageReference(
                hasTag ? tagged.substring(0, colon) : tagged,
                hasTag ? tagged.substring(colon + 1) : "",
                at < 0 ? "" : image.substring(at + 1));
    }

    /// Those of `images` that are kept to be compared.
    public static List<String> kept(Collection<String> images) {
        return images.stream().filter(image -> !image.isEmpty()).limit(MOST).toList();
    }

    /// Whether it says nothing of what is to run.
    public boolean untagged() {
        return !name.isEmpty() && tag.isEmpty() && digest.isEmpty();
    }

    /// Whether its tag is made to move, and nothing holds it.
    public boolean moves() {
        return tag.equals(MOVING) && digest.isEmpty();
    }

    /// Whether this and `other` name two builds by one tag.
    public boolean contradicts(ImageReference other) {
        return fixesTag()
                && other.fixesTag()
                && name.equals(other.name)
                && tag.equals(other.tag)
                && !digest.equals(other.digest);
    }

    /// Whether it says which build its tag stands for.
    public boolean fixesTag() {
        return !tag.isEmpty() && !digest.isEmpty();
    }
}
