// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which command line plays which image on this machine.
final class Images {
    private final Map<String, List<String>> entrypoints = new ConcurrentHashMap<>();

    void provide(String image, List<String> entrypoint) {
        entrypoints.put(image, List.copyOf(entrypoint));
    }

    /// Looks for the image with its tag, then without; an empty list when there is no such image.
    List<String> entrypoint(String image) {
        var exact = entrypoints.get(image);
        return exact == null ? entrypoints.getOrDefault(repository(image), List.of()) : exact;
    }

    // The last colon after the last slash begins the tag; one before belongs to a registry's port.
    private static String repository(String image) {
        var colon = image.lastIndexOf(':');
        return colon > image.lastIndexOf('/') ? image.substring(0, colon) : image;
    }
}
