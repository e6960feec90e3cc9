// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Faults on the way between process pods and the API server, by nftables in the cluster's network namespace: packets
/// vanish, as in a split network. Each pod reaches the API server by the pod's own address, by which it is told apart.
///
/// The API server's calls to hooks and the kubelet's probes are not touched.
public final class Wire implements AutoCloseable {
    private static final String TABLE = "inet canary_faults";
    private static final Path CONNECTIONS = Path.of("/proc/net/tcp");
    private static final Path CONNECTIONS_OF_TWO_STACKS = Path.of("/proc/net/tcp6");
    private static final String ESTABLISHED = "01";

    private Wire() {}

    /// A wire without faults; close it to have that again.
    public static Wire open() {
        Wire wire = new Wire();
        wire.heal();
        return wire;
    }

    /// Which packets vanish.
    public enum Way {
        /// What the pod sends and what it would receive.
        BOTH,
        /// Only what the pod sends.
        TO_API_SERVER,
        /// Only what the API server answers.
        FROM_API_SERVER
    }

    /// From now on, of old connections and new ones, all packets vanish.
    public void cut(String podIp, Way way) {
        drop(podIp, way, "", "");
    }

    /// From now on each packet, either way, vanishes with this probability.
    public void lose(String podIp, int percent) {
        drop(podIp, Way.BOTH, "", "numgen random mod 100 < " + percent);
    }

    /// Of the connections that are open now all packets vanish, without either side being told; new ones work. As when
    /// a router or a load balancer forgets what it had.
    ///
    /// @return how many connections that are
    public int forget(String podIp) {
        Set<Integer> ports = established(podIp);
        if (!ports.isEmpty()) {
            String set = ports.stream().map(String::valueOf).collect(Collectors.joining(", ", "{ ", " }"));
            drop(podIp, Way.BOTH, set, "");
        }
        return ports.size();
    }

    /// All packets come through again.
    public void heal() {
        nft("add table " + TABLE + "\ndelete table " + TABLE + "\nadd table " + TABLE + "\nadd chain " + TABLE
                + " input { type filter hook input priority 0; }\n");
    }

    @Override
    public void close() {
        nft("delete table " + TABLE + "\n");
    }

    /// @param ports of the pod, as a set; empty: all
    /// @param chance which packets of these; empty: all
    private static void drop(String podIp, Way way, String ports, String chance) {
        StringBuilder rules = new StringBuilder();
        if (way != Way.FROM_API_SERVER) {
            rules.append(rule("ip daddr " + podIp, "dport", "sport", ports, chance));
        }
        if (way != Way.TO_API_SERVER) {
            rules.append(rule("ip saddr " + podIp, "sport", "dport", ports, chance));
        }
        nft(rules.toString());
    }

    /// @param server, pod the fields with the port of each
    private static String rule(String address, String server, String pod, String ports, String chance) {
        String ofPod = ports.isEmpty() ? "" : "tcp " + pod + " " + ports;
        return "add rule %s input %s tcp %s %d %s %s drop%n"
                .formatted(TABLE, address, server, Addresses.API_SERVER_PORT, ofPod, chance);
    }

    /// The local ports of connections to the API server at `podIp`.
    private static Set<Integer> established(String podIp) {
        String remote = hex(podIp) + ":%04X".formatted(Addresses.API_SERVER_PORT);
        return Stream.of(CONNECTIONS, CONNECTIONS_OF_TWO_STACKS)
                .flatMap(Wire::lines)
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 3 && words[2].endsWith(remote) && words[3].equals(ESTABLISHED))
                .map(words -> Integer.parseInt(words[1].substring(words[1].indexOf(':') + 1), 16))
                .collect(Collectors.toSet());
    }

    /// As the kernel writes it: the last byte first.
    private static String hex(String address) {
        String[] bytes = address.split("\\.", -1);
        StringBuilder hex = new StringBuilder();
        for (int i = bytes.length - 1; i >= 0; i--) {
            hex.append("%02X".formatted(Integer.parseInt(bytes[i])));
        }
        return hex.toString();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void nft(String commands) {
        new Command(List.of("nft", "-f", "-"), Map.of(), commands).run().orThrow();
    }
}
