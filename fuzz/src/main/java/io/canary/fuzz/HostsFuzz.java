// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import io.canary.domain.route.Hosts;
import io.canary.domain.route.Reading;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/// `canary.io/hosts`: no wildcard, no address, no second spelling of a name gets through (admission.md T7).
public final class HostsFuzz {
    private HostsFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new Choices(input).rest();
        List<String> wanted =
                Arrays.stream(text.split(",", -1)).map(HostsFuzz::withoutBlanks).toList();
        boolean fits = wanted.size() <= 16
                && new HashSet<>(wanted).size() == wanted.size()
                && wanted.stream().allMatch(HostsFuzz::isHost);
        switch (Hosts.read(text)) {
            case Reading.Value<Hosts>(Hosts hosts) ->
                Promise.kept(fits && hosts.names().equals(wanted), () -> "\"" + text + "\" is read as " + hosts);
            case Reading.Wrong<Hosts>(String why, String cure) -> {
                Promise.kept(!fits, () -> "\"" + text + "\" is refused: " + why);
                Promise.readable(why);
                Promise.readable(cure);
            }
        }
    }

    private static String withoutBlanks(String text) {
        return text.replaceAll("^ +| +$", "");
    }

    /// As the Gateway API takes it (PreciseHostname), and not only digits and points.
    private static boolean isHost(String name) {
        return name.length() <= 253
                && name.chars().anyMatch(c -> c != '.' && (c < '0' || c > '9'))
                && Arrays.stream(name.split("\\.", -1)).allMatch(ValueFuzz::isLabel);
    }
}
