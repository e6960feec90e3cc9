// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a user was let do, or was refused, by the audit log: `patch apps deployments/scale`, one line each. An apply
/// that makes an object asks for the right to create it, too.
public final class UsedRights {
    private UsedRights() {}

    /// Reads a whole audit log.
    ///
    /// @param user as `system:serviceaccount:canary-system:canary`
    public static Set<String> of(Path auditLog, String user) {
        String mark = "\"username\":\"" + user + "\"";
        try (Stream<String> lines = Files.lines(auditLog)) {
            return lines.filter(line -> line.contains(mark) && line.contains("\"objectRef\""))
                    .flatMap(UsedRights::rights)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> rights(String line) {
        Map<?, ?> event = Serialization.unmarshal(line, Map.class);
        Map<?, ?> object = event.get("objectRef") instanceof Map<?, ?> map ? map : Map.of();
        String group = text(object, "apiGroup");
        String part = text(object, "subresource");
        String target = (group.isEmpty() ? "core" : group) + " " + text(object, "resource")
                + (part.isEmpty() ? "" : "/" + part);
        String verb = text(event, "verb");
        boolean made = verb.equals("patch")
                && event.get("responseStatus") instanceof Map<?, ?> status
                && status.get("code") instanceof Number code
                && code.intValue() == HttpURLConnection.HTTP_CREATED;
        return made ? Stream.of(verb + " " + target, "create " + target) : Stream.of(verb + " " + target);
    }

    private static String text(Map<?, ?> map, String key) {
        return map.get(key) instanceof String text ? text : "";
    }
}
