// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.Names;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Whether the windows of a policy let anything be raised now (policy.md section 4): Deny beats Allow, and a policy
/// with
/// Allow windows needs one of them open. Written into its status, so that the API server can judge by it.
///
/// @param active whether raises are denied now
/// @param window the window that denies, or of which none is open; empty while not active
/// @param until when that ends, as far as it is known; null while not active, or for ever
/// @param next when a freeze begins that does not hold yet; null where none will
/// @param holds whether raises asked for before wait too
public record Freeze(
        boolean active,
        String window,
        @Nullable Instant until,
        @Nullable Instant next,
        boolean holds) {
    public static final Freeze NONE = new Freeze(false, "", null, null, false);
    private static final int MOST_EDGES = 16;

    /// The freeze by `windows` at `now`.
    public static Freeze of(List<Window> windows, Instant now) {
        Freeze freeze = now(windows, now);
        return freeze.active || windows.isEmpty()
                ? freeze
                : new Freeze(false, "", null, nextFreeze(windows, now), false);
    }

    /// The same without [#next], which costs the most.
    static Freeze now(List<Window> windows, Instant now) {
        if (windows.isEmpty()) {
            return NONE;
        }
        Freeze at = at(windows, now);
        // Another window may go on where this one ends.
        Instant until = at.until;
        for (int i = 0; at.active && until != null && i < MOST_EDGES; i++) {
            Freeze then = at(windows, until);
            if (!then.active) {
                break;
            }
            until = then.until;
        }
        return new Freeze(at.active, at.window, until, null, at.holds);
    }

    private static Freeze at(List<Window> windows, Instant now) {
        for (Window window : windows) {
            Optional<Window.Span> span = window.kind() == Window.Kind.DENY ? window.at(now) : Optional.empty();
            if (span.isPresent()) {
                boolean holds = windows.stream()
                        .anyMatch(w -> w.kind() == Window.Kind.DENY
                                && w.holds()
                                && w.at(now).isPresent());
                return new Freeze(true, window.name(), span.get().to(), null, holds);
            }
        }
        List<Window> allow =
                windows.stream().filter(w -> w.kind() == Window.Kind.ALLOW).toList();
        if (allow.isEmpty() || allow.stream().anyMatch(w -> w.at(now).isPresent())) {
            return NONE;
        }
        Window first = allow.stream()
                .filter(w -> w.opensFrom(now).isPresent())
                .min(Comparator.comparing(w -> w.opensFrom(now).orElse(Instant.MAX)))
                .orElse(allow.getFirst());
        return new Freeze(
                true,
                first.name(),
                first.opensFrom(now).orElse(null),
                null,
                allow.stream().anyMatch(Window::holds));
    }

    /// The first edge after `now` at which a freeze holds.
    private static @Nullable Instant nextFreeze(List<Window> windows, Instant now) {
        Instant edge = now;
        for (int i = 0; i < MOST_EDGES; i++) {
            Instant after = edge;
            edge = windows.stream()
                    .flatMap(w -> w.kind() == Window.Kind.DENY
                            ? w.opensFrom(after.plusSeconds(1)).stream()
                            : Stream.concat(
                                    w.at(after).map(Window.Span::to).stream(),
                                    w.opensFrom(after.plusSeconds(1)).stream()))
                    .min(Comparator.naturalOrder())
                    .orElse(null);
            if (edge == null || at(windows, edge).active) {
                return edge;
            }
        }
        return null;
    }

    /// As `frozen by window weekend until 2026-11-30T06:00Z`.
    public String text() {
        return "frozen by window " + Names.shown(window) + (until == null ? "" : " until " + Times.text(until));
    }
}
