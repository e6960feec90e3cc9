// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// All sightings in the order of the writes (by revision), whatever the order of their arrival. None is later than
/// one behind it: when a later write had been seen, this one had happened.
///
/// @param startRevision what stood at the beginning; only later sightings are judged
/// @param startNanos time zero of printed lines
record Timeline(long startRevision, long startNanos, List<Sighting> sightings) {
    private static final int EXCERPT = 14;

    Timeline {
        List<Sighting> bounded = new ArrayList<>(sightings);
        for (int i = bounded.size() - 2; i >= 0; i--) {
            bounded.set(i, bounded.get(i).notAfter(bounded.get(i + 1)));
        }
        sightings = List.copyOf(bounded);
    }

    /// The last lines up to a revision in which something changed, pods left out.
    String excerpt(long revision) {
        Map<String, String> last = new HashMap<>();
        List<String> lines = new ArrayList<>();
        for (Sighting s : sightings) {
            if (s.revision() > revision) {
                break;
            }
            String text = s.deleted() ? "DELETED" : s.object().summary();
            if (!text.equals(last.put(s.object().key(), text)) && !(s.object() instanceof Seen.Pod)) {
                lines.add((s.revision() == revision ? "  > " : "    ") + s.line(startNanos));
            }
        }
        return String.join("\n", lines.subList(Math.max(0, lines.size() - EXCERPT), lines.size()));
    }

    /// Adds one in its place, which is mostly the end: watches of different kinds are only a little out of order.
    static void insert(List<Sighting> ordered, Sighting sighting) {
        int at = ordered.size();
        while (at > 0 && ordered.get(at - 1).revision() > sighting.revision()) {
            at--;
        }
        ordered.add(at, sighting);
    }
}
