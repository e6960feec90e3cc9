// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canary.e2e.bench.ProcessFigures;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/// The installed product's HTTPS port against those who are no API server (issue 3, 5.11; admission.md section 6).
/// What each limit does in detail stands in `AdmissionServerTest` and `AdmissionHandlerTest`.
@ReleaseStory
@SuppressWarnings("StringConcatToTextBlock") // HTTP ends lines by CR LF
class AdmissionHttpIT {
    private static final int CAP = 7 * 1024 * 1024;
    private static final double MEMORY_LIMIT_MIB = 256;

    @Test
    void whatIsNoReviewIsRefusedByStatusAndCostsNothing(ControlPlane cluster) throws Exception {
        Pod before = pod(cluster);
        String valid = Review.create("shop", "order", "v2", 0, "").json();
        Map<String, Integer> wanted = new LinkedHashMap<>();
        Map<String, Integer> got = new LinkedHashMap<>();
        for (Bad bad : new Bad[] {
            new Bad("GET", 405, "GET /validate", bytes(""), ""),
            new Bad("PUT", 405, "PUT /mutate", bytes(valid), ""),
            new Bad("another path", 404, "POST /", bytes(valid), ""),
            new Bad("text/plain", 415, "POST /validate", bytes(valid), "Content-Type: text/plain"),
            new Bad("YAML's media type", 415, "POST /validate", bytes(valid), "Content-Type: application/yaml"),
            new Bad("gzip", 415, "POST /validate", new byte[1024], "Content-Encoding: gzip"),
            post("a byte over the cap", 413, filled(CAP + 1, "x")),
            post("empty", 400, bytes("")),
            post("two documents", 400, bytes(valid + valid)),
            post("YAML", 400, bytes("apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\n")),
            post("a byte order mark", 400, bytes("\ufeff" + valid)),
            post("UTF-16", 400, valid.getBytes(UTF_16LE)),
            post("a duplicate key", 400, bytes(valid.replace("\"dryRun\"", "\"uid\":\"2\",\"dryRun\""))),
            post("NaN", 400, bytes(valid.replace("\"dryRun\":false", "\"dryRun\":NaN"))),
            post("10,000 nested arrays", 400, bytes("[".repeat(10_000) + "]".repeat(10_000))),
            post(
                    "10,000 nested arrays where nobody looks",
                    400,
                    bytes(valid.replace("\"status\":{}", "\"status\":" + "[".repeat(10_000) + "]".repeat(10_000)))),
            post("millions of {}", 400, filled(CAP, "{},")),
            post("millions of {} in a list", 400, bytes("[" + "{},".repeat(2_000_000) + "{}]")),
            post(
                    "a 10,000-digit number",
                    400,
                    bytes(valid.replace("\"replicas\":0", "\"replicas\":" + "9".repeat(10_000)))),
            post("v1beta1", 400, bytes(valid.replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1"))),
            post("kind Foo", 400, bytes(valid.replace("AdmissionReview", "Foo"))),
            post("no uid", 400, bytes(valid.replace("\"uid\":\"1\",", ""))),
            post("operation PATCH", 400, bytes(valid.replace("\"CREATE\"", "\"PATCH\""))),
        }) {
            wanted.put(bad.name, bad.status);
            try (HookConnection connection = HookConnection.open(cluster)) {
                String[] fields = bad.field.isEmpty() ? new String[0] : new String[] {bad.field};
                got.put(bad.name, connection.send(bad.request, bad.body, fields).status());
            }
        }
        assertThat(got).containsExactlyEntriesOf(wanted);

        assertThat(HookConnection.post(cluster, "/validate", bytes(valid)).status())
                .isEqualTo(200);
        Pod after = pod(cluster);
        assertThat(after.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
        assertThat(after.getStatus().getContainerStatuses().getFirst().getRestartCount())
                .isEqualTo(before.getStatus().getContainerStatuses().getFirst().getRestartCount());
        assertThat(ownMib(cluster)).isLessThan(MEMORY_LIMIT_MIB);
    }

    @Test
    void anEndlessBodyIsCutAtTheCap(ControlPlane cluster) throws Exception {
        byte[][] endless = new byte[1_000][];
        Arrays.fill(endless, bytes("10000\r\n" + "x".repeat(0x10000) + "\r\n")); // 64 MiB
        endless[0] = bytes("POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n");
        try (HookConnection connection = HookConnection.open(cluster)) {
            assertThat(connection.exchange(endless).status()).isEqualTo(413);
        }
        assertThat(ownMib(cluster)).isLessThan(MEMORY_LIMIT_MIB);
    }

    @Test
    void whoAsksToSendAGibibyteIsRefusedAtOnce(ControlPlane cluster) throws Exception {
        try (HookConnection connection = HookConnection.open(cluster)) {
            HookConnection.Answer answer =
                    connection.exchange(bytes("POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 1073741824\r\nExpect: 100-continue\r\n\r\n"));
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.head()).doesNotContain("100 Continue");
        }
    }

    @Test
    void headersThatDripAByteASecondAreCutOffAfter30Seconds(ControlPlane cluster) throws Exception {
        try (HookConnection connection = HookConnection.open(cluster)) {
            assertThat(connection.drip("POST /mutate HTTP/1.1\r\nX: " + "x".repeat(90)))
                    .isBetween(20, 40);
        }
    }

    @Test
    void tls12IsRefused(ControlPlane cluster) {
        assertThatThrownBy(() -> HookConnection.open(cluster, "TLSv1.2")).isInstanceOf(SSLException.class);
    }

    @Test
    void aReviewThatContradictsItselfIsRefusedInAReview(ControlPlane cluster) throws Exception {
        Review review = Review.create("shop", "order", "v2", 0, "");
        for (String contradictory : new String[] {
            review.json().replace("\"kind\":\"Deployment\"},\"resource\"", "\"kind\":\"Pod\"},\"resource\""),
            review.json()
                    .replace(
                            "\"object\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\"",
                            "\"object\":{\"kind\":\"Pod\""),
            review.json()
                    .replace(
                            "\"name\":\"order-v2\",\"namespace\":\"shop\",\"labels\"",
                            "\"name\":\"order-v2\",\"namespace\":\"other\",\"labels\""),
        }) {
            assertThat(contradictory).isNotEqualTo(review.json());
            HookConnection.Answer answer = HookConnection.post(cluster, "/validate", bytes(contradictory));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).contains("\"uid\":\"1\"", "\"allowed\":false", "\"code\":400");
        }
    }

    @Test
    void theSameReviewIsAnsweredByTheSameBytesAndADryRunAlike(ControlPlane cluster) throws Exception {
        String bad = Review.create("shop", "order", "v2", 0, "\"canary.io/weight\":\"ten\"")
                .json();
        HookConnection.Answer first = HookConnection.post(cluster, "/validate", bytes(bad));
        HookConnection.Answer again = HookConnection.post(cluster, "/validate", bytes(bad));
        HookConnection.Answer dry =
                HookConnection.post(cluster, "/validate", bytes(bad.replace("\"dryRun\":false", "\"dryRun\":true")));

        assertThat(first.body()).contains("\"allowed\":false", "\"code\":422");
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(dry.body()).isEqualTo(first.body());
    }

    /// What the mutating hook would have put right is refused by the validating one: it was skipped, or timed out.
    @Test
    void aSkippedMutationIsRefused(Story story, ControlPlane cluster) throws Exception {
        story.serve(Map.of(), Workload.of("order", "v1", 1));
        String namespace = story.cluster().namespace();
        Map<String, Review> skipped = new LinkedHashMap<>();
        skipped.put(
                "spec.replicas: 10 beside a version that serves, but a new one starts with 0; the mutation was skipped"
                        + " (try again)",
                Review.create(namespace, "order", "v2", 10, ""));
        skipped.put(
                "metadata.annotations[canary.io/app]: \\\"order\\\" is written by Canary only; the mutation was skipped"
                        + " (try again)",
                Review.create(namespace, "order", "v2", 0, "\"canary.io/app\":\"order\""));
        skipped.put(
                "metadata.annotations[canary.io/by]: \\\"eve\\\" is written by Canary only; the mutation was skipped"
                        + " (try again)",
                Review.create(namespace, "order", "v2", 0, "\"canary.io/by\":\"eve\""));
        for (Map.Entry<String, Review> entry : skipped.entrySet()) {
            String review = entry.getValue().json();
            story.await(
                    entry.getKey(), // as soon as the product's cache has the namespace's objects
                    () -> answerOf(cluster, review).contains("\"allowed\":false"));
            assertThat(answerOf(cluster, review)).contains("\"code\":503", "\"message\":\"" + entry.getKey() + "\"");
        }
        assertThat(answerOf(
                        cluster,
                        Review.create(namespace, "order", "v2", 0, "\"canary.io/by\":\"alice\"")
                                .json()))
                .contains("\"allowed\":true");
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Bad(String name, int status, String request, byte[] body, String field) {}

    private static Bad post(String name, int status, byte[] body) {
        return new Bad(name, status, "POST /validate", body, "");
    }

    /// An AdmissionReview of the creation of `<app>-<version>` with weight 10 by alice.
    ///
    /// @param annotations more of them, as JSON members; they win
    private record Review(String namespace, String app, String version, int replicas, String annotations) {
        static Review create(String namespace, String app, String version, int replicas, String annotations) {
            return new Review(namespace, app, version, replicas, annotations);
        }

        String json() {
            String weight = annotations.contains("canary.io/weight") ? "" : "\"canary.io/weight\":\"10\"";
            String all = weight + (weight.isEmpty() || annotations.isEmpty() ? "" : ",") + annotations;
            String labels = "{\"app\":\"%s\",\"version\":\"%s\"}".formatted(app, version);
            return """
                    {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1",\
                    "kind":{"group":"apps","version":"v1","kind":"Deployment"},\
                    "resource":{"group":"apps","version":"v1","resource":"deployments"},\
                    "name":"%1$s-%2$s","namespace":"%3$s","operation":"CREATE","dryRun":false,\
                    "userInfo":{"username":"alice","groups":["system:masters","system:authenticated"]},"oldObject":null,\
                    "object":{"apiVersion":"apps/v1","kind":"Deployment",\
                    "metadata":{"name":"%1$s-%2$s","namespace":"%3$s","labels":%4$s,"annotations":{%5$s}},\
                    "spec":{"replicas":%6$d,"selector":{"matchLabels":%4$s},"template":{"metadata":{"labels":%4$s},\
                    "spec":{"containers":[{"name":"x","image":"x:1"}]}}},"status":{}}}}\
                    """.formatted(app, version, namespace, labels, all, replicas);
        }
    }

    private static String answerOf(ControlPlane cluster, String review) {
        try {
            return HookConnection.post(cluster, "/validate", bytes(review)).body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Pod pod(ControlPlane cluster) {
        return new InstalledProduct().pods(cluster).getFirst();
    }

    /// What the product's process holds of the machine's memory now, without the pages of files, which a kernel takes
    /// back before it ends a container at its limit.
    private static double ownMib(ControlPlane cluster) {
        return ProcessFigures.of(cluster.processes()
                        .pid(
                                InstalledProduct.NAMESPACE,
                                pod(cluster).getMetadata().getName()))
                .ownMib();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] filled(int size, String part) {
        return part.repeat(size / part.length() + 1).substring(0, size).getBytes(US_ASCII);
    }
}
