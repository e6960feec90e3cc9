// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.webhook.kube.Api;
import io.canary.webhook.kube.ApiException;
import io.canary.webhook.kube.MicroTime;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes Kubernetes Events, for those who look at an object with `kubectl describe`. An Event that cannot be
/// written is dropped: the Release says the same.
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final int LONGEST_NOTE = 1_024; // bytes: of more the API server makes no Event
    private static final int REMEMBERED = 1_000;
    private static final Duration ONCE_IN = Duration.ofMinutes(1);

    private final Api api;
    private final InstantSource clock;
    private final String instance;
    private final TerminatingNamespaces terminating;

    @SuppressWarnings("serial")
    private final Map<String, Instant> told = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > REMEMBERED;
        }
    };

    /// @param instance who we are, among several processes
    Events(Api api, InstantSource clock, String instance, TerminatingNamespaces terminating) {
        this.api = api;
        this.clock = clock;
        this.instance = instance;
        this.terminating = terminating;
    }

    /// What an Event is about.
    record Subject(String apiVersion, String kind, String namespace, String name, String uid) {}

    /// Tells `note`, once a minute at most; false if it was told already or nobody can be told. Nobody waits for the
    /// API server's answer: a
    /// move of traffic is never held up by its Event.
    boolean tell(Subject subject, boolean warning, String reason, String note) {
        Instant now = clock.instant();
        if (terminating.has(subject.namespace()) || !fresh(subject.uid() + "/" + reason + "/" + note, now)) {
            return false;
        }
        Thread.ofVirtual().name("event").start(() -> write(subject, event(subject, warning, reason, note, now)));
        return true;
    }

    private void write(Subject subject, Map<String, Object> event) {
        try {
            api.create("/apis/events.k8s.io/v1/namespaces/" + subject.namespace() + "/events", event, Map.class);
        } catch (ApiException e) {
            if (e.namespaceTerminating()) {
                terminating.add(subject.namespace());
            }
            LOG.atDebug().addKeyValue("cause", e.getMessage()).log("Event dropped");
        }
    }

    private synchronized boolean fresh(String text, Instant now) {
        Instant last = told.remove(text);
        boolean fresh = last == null || last.plus(ONCE_IN).isBefore(now);
        told.put(text, fresh || last == null ? now : last);
        return fresh;
    }

    static String cut(String note) {
        CharBuffer rest = CharBuffer.wrap(note);
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST_NOTE);
        var _ = StandardCharsets.UTF_8.newEncoder().encode(rest, bytes, true); // never a part of a character
        return note.substring(0, rest.position());
    }

    private Map<String, Object> event(Subject subject, boolean warning, String reason, String note, Instant now) {
        String name = subject.name() + "." + Long.toHexString(now.getEpochSecond() * 1_000_000_000L + now.getNano());
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("apiVersion", "events.k8s.io/v1");
        event.put("kind", "Event");
        event.put("metadata", Map.of("name", name, "namespace", subject.namespace()));
        event.put("eventTime", MicroTime.of(now));
        event.put("reportingController", "canary.io/reconciler");
        event.put("reportingInstance", instance);
        event.put("action", "Reconcile");
        event.put("reason", reason);
        event.put("type", warning ? "Warning" : "Normal");
        event.put("note", cut(note));
        event.put(
                "regarding",
                Map.of(
                        "apiVersion", subject.apiVersion(),
                        "kind", subject.kind(),
                        "namespace", subject.namespace(),
                        "name", subject.name(),
                        "uid", subject.uid()));
        return event;
    }
}
