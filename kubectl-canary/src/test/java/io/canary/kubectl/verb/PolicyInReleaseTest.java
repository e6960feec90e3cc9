// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `status` and `history` tell of policies, from the Release alone.
class PolicyInReleaseTest {
    private static final String LIMIT =
            "\"weightLimit\": {\"max\": \"25\", \"policy\": \"prod\", \"until\": \"2026-11-27T14:30:00Z\"}";

    @TempDir
    private Path folder;

    private Run run(String verb, String ofV2, String history) {
        return new ScriptedKubectl(folder)
                .answers("*releases.canary.io*", """
                {"kind": "Release", "metadata": {"name": "order", "namespace": "shop"},
                 "status": {"phase": "Canary", "stable": "v1", "total": 10, "mode": "Route", "history": [%s],
                  "versions": [
                   {"name": "v1", "deployment": "order-v1", "asked": "90", "inForce": "90", "ready": 9, "replicas": 9},
                   {"name": "v2", "deployment": "order-v2", "asked": "10", "inForce": "10", "ready": 1, "replicas": 1,
                    %s}]}}
                """.formatted(history, ofV2))
                .run(verb, "order");
    }

    @Test
    void statusTellsALimitInOneLine() {
        assertThat(run("status", LIMIT, "").out().lines().skip(4))
                .containsExactly(
                        "  limit:    v2: at most 25% by CanaryPolicy prod, more from 2026-11-27T14:30Z",
                        "  next:     kubectl canary promote order", "  next:     kubectl canary abort order");
    }

    @Test
    void statusTellsOnceWhyAVersionWaits() {
        String waits = "\"waitsFor\": \"CanaryPolicy \\\"prod\\\" windows: frozen by window weekend\", " + LIMIT;
        assertThat(run("status", waits, "").out())
                .contains("  waits:    v2: CanaryPolicy \"prod\" windows: frozen by window weekend")
                .doesNotContain("limit:");
    }

    @Test
    void statusTellsOfAnOverrideAsLongAsItCounts() {
        String override =
                "\"override\": {\"by\": \"alice\", \"at\": \"2026-11-27T10:00:00Z\", \"reason\": \"CHG-1 outage\","
                        + " \"wish\": \"%s\"}, \"begun\": {\"at\": \"2026-11-27T10:00:00Z\", \"template\": \"abc\"}";
        for (String present : new String[] {"10/abc", "10/abc/hosts", "stable"}) {
            assertThat(run("status", override.formatted(present), "").out())
                    .contains("  override: v2: 120m ago by alice: CHG-1 outage\n");
        }
        for (String past : new String[] {"20/abc", "10/other", ""}) {
            assertThat(run("status", override.formatted(past), "").out()).doesNotContain("override:");
        }
    }

    @Test
    void historyHasAColumnOfPoliciesWhereThereIsSomething() {
        String move =
                "{\"at\": \"2026-11-27T11:00:00Z\", \"by\": \"alice\", \"from\": \"v1 100\", \"to\": \"v1 90, v2 10\","
                        + " \"reason\": \"as asked\"%s}";
        assertThat(run("history", "\"need\": 1", move.formatted("")).out()).isEqualTo("""
                AGE   FROM     TO             WHY        BY
                60m   v1 100   v1 90, v2 10   as asked   alice
                """);
        Run told = new ScriptedKubectl(folder.resolve("told"))
                .answers(
                        "*",
                        "{\"kind\": \"Release\", \"status\": {\"history\": [" + move.formatted("") + ","
                                + move.formatted(", \"policy\": \"allowed by prod\"") + "]}}")
                .run("history", "order");
        assertThat(told.out()).isEqualTo("""
                AGE   FROM     TO             WHY        BY      POLICY
                60m   v1 100   v1 90, v2 10   as asked   alice   <none>
                60m   v1 100   v1 90, v2 10   as asked   alice   allowed by prod
                """);
    }
}
