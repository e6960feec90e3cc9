// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// One answered API call, as the audit log tells it; absent names are empty strings.
///
/// @param requestReceived when the API server got the request, in microseconds
/// @param group of the resource; empty for the core
/// @param code HTTP status of the answer; a watch is told once, when it started
public record Call(
        String userAgent,
        String user,
        String verb,
        String group,
        String resource,
        String subresource,
        String namespace,
        String name,
        int code,
        Instant requestReceived,
        boolean dryRun) {

    private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete", "deletecollection");

    /// Reads one parsed line; empty for lines that tell of no finished call (other stages, other kinds).
    static Optional<Call> of(Map<?, ?> event) {
        String verb = text(event, "verb");
        String stage = text(event, "stage");
        boolean told = verb.equals("watch") ? stage.equals("ResponseStarted") : stage.equals("ResponseComplete");
        String received = text(event, "requestReceivedTimestamp");
        if (!told || received.isEmpty()) {
            return Optional.empty();
        }
        Map<?, ?> object = event.get("objectRef") instanceof Map<?, ?> map ? map : Map.of();
        Map<?, ?> user = event.get("user") instanceof Map<?, ?> map ? map : Map.of();
        int code = event.get("responseStatus") instanceof Map<?, ?> status && status.get("code") instanceof Number n
                ? n.intValue()
                : 0;
        return Optional.of(new Call(
                text(event, "userAgent"),
                text(user, "username"),
                verb,
                text(object, "apiGroup"),
                text(object, "resource"),
                text(object, "subresource"),
                text(object, "namespace"),
                text(object, "name"),
                code,
                Instant.parse(received),
                text(event, "requestURI").contains("dryRun=All")));
    }

    /// Whether this call could change stored objects; reviews (`subjectaccessreviews` …) and dry runs do not.
    public boolean isWrite() {
        return WRITES.contains(verb) && !dryRun && !resource.endsWith("reviews");
    }

    /// Whether the API server accepted it.
    public boolean succeeded() {
        return code >= 200 && code < 300;
    }

    /// `resource` or `resource/subresource`.
    public String target() {
        return subresource.isEmpty() ? resource : resource + "/" + subresource;
    }

    /// The rights that it took, as `patch apps deployments/scale`: an apply that makes an object takes the right to
    /// create it, too.
    Stream<String> rights() {
        String what = (group.isEmpty() ? "core" : group) + " " + target();
        boolean made = verb.equals("patch") && code == HttpURLConnection.HTTP_CREATED;
        return made ? Stream.of(verb + " " + what, "create " + what) : Stream.of(verb + " " + what);
    }

    private static String text(Map<?, ?> map, String key) {
        return map.get(key) instanceof String s ? s : "";
    }
}
