// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Times as the API's type `MicroTime` has them: always with six decimals. It refuses others, as [Instant#toString]
/// writes them for one microsecond in a thousand.
public final class MicroTime {
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private MicroTime() {}

    /// As `2026-01-02T03:04:05.600000Z`.
    public static String of(Instant at) {
        return FORMAT.format(at);
    }
}
