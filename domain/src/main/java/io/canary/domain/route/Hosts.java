// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The canary domains of one version, from `canary.io/hosts`: names of hosts in lower case, no wildcard and no
/// address, at most [#MOST] (admission.md T7, Gateway API).
public record Hosts(List<String> names) {
    /// The hostnames of one route (Gateway API).
    public static final int MOST = 16;

    private static final int LONGEST = 253;
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*:.*|\\[.*");

    public Hosts {
        names = List.copyOf(names);
    }

    /// Reads `canary.shop.example, beta.shop.example`.
    public static Reading<Hosts> read(String text) {
        if (text.isBlank()) {
            return wrong("it is empty");
        }
        String[] parts = text.split(",", -1);
        if (parts.length > MOST) {
            return wrong("it has " + parts.length + " hosts, and a route takes " + MOST);
        }
        List<String> names = new ArrayList<>();
        for (String part : parts) {
            String name = part.replaceAll("^ +| +$", "");
            String why = problem(name);
            if (!why.isEmpty()) {
                return wrong(why);
            }
            if (names.contains(name)) {
                return wrong(Names.quoted(name) + " stands there twice");
            }
            names.add(name);
        }
        return new Reading.Value<>(new Hosts(names));
    }

    private static String problem(String name) {
        if (name.isEmpty()) {
            return "it has a comma with nothing beside it";
        }
        String shown = Names.quoted(name);
        if (name.contains("*")) {
            return shown + " has a wildcard: each host is named by itself";
        }
        if (name.chars().anyMatch(c -> c <= ' ')) {
            return shown + " has spaces";
        }
        if (name.contains("/")) {
            return shown + " has a path or a scheme: only the name of the host is written";
        }
        if (ADDRESS.matcher(name).matches()) {
            return shown + " is an address, not a name";
        }
        if (name.contains(":")) {
            return shown + " has a port: the name of the host alone is written";
        }
        if (name.chars().anyMatch(c -> c >= 0x7f)) {
            return shown + " has characters that are not ASCII";
        }
        if (!name.toLowerCase(Locale.ROOT).equals(name)) {
            return shown + " has capitals: names of hosts are written in lower case";
        }
        if (name.length() > LONGEST) {
            return shown + " has " + name.length() + " characters, and " + LONGEST + " are possible";
        }
        for (String label : name.split("\\.", -1)) {
            if (!Names.isDns1123(label)) {
                return shown + " is no name of a host: between its points stand letters, digits and \"-\"";
            }
        }
        return "";
    }

    private static Reading<Hosts> wrong(String why) {
        return new Reading.Wrong<>(why, "write e.g. \"canary.shop.example, beta.shop.example\"");
    }
}
