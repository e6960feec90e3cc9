// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.webhook.kube.Api;
import io.canary.webhook.kube.ApiException;
import java.util.List;
import java.util.Map;

/// Asks the API server to create, as dry runs, what our hooks must refuse and what they must allow: whether
/// they are called at all (threat T28), and whether those calls reach us.
public final class SelfTest {
    /// The Service that never comes to be. By this name the hooks are called although the request is our own.
    public static final String NAME = "canary-self-test";

    private static final String FIRST = "admission webhook \"mutate.canary.io\" denied the request";
    private static final String DENIED = "denied the request";
    private static final String UNREACHED = "failed calling webhook";

    private final Api api;
    private final String namespace;

    public SelfTest(Api api, String namespace) {
        this.api = api;
        this.namespace = namespace;
    }

    /// How it went.
    public sealed interface Result {
        /// What is wrong was refused by us, and what is right was allowed by both hooks.
        record Enforced() implements Result {}

        /// What is wrong was let pass: the hooks are not called, for webhook configurations were changed or are
        /// gone.
        record NotAsked() implements Result {}

        /// The API server could not call us.
        record Unreached(String why) implements Result {}

        /// The API server itself did not answer, or refused for reasons of its own.
        ///
        /// @param reached whether a hook of ours was asked before that
        record Unknown(String why, boolean reached) implements Result {}
    }

    Result run() {
        try {
            create("canary.io/" + NAME);
            return new Result.NotAsked();
        } catch (ApiException e) {
            String why = String.valueOf(e.getMessage());
            if (why.contains(FIRST)) {
                return allowed();
            }
            // The second hook, or the API server's own policy, had to do what the first should have done.
            return why.contains(DENIED) ? new Result.NotAsked() : failed(why, false);
        }
    }

    private Result allowed() {
        try {
            create("canary.io/paused");
            return new Result.Enforced();
        } catch (ApiException e) {
            return failed(String.valueOf(e.getMessage()), true);
        }
    }

    private static Result failed(String why, boolean reached) {
        return why.contains(UNREACHED) ? new Result.Unreached(why) : new Result.Unknown(why, reached);
    }

    private void create(String key) {
        api.dryRun("/api/v1/namespaces/" + namespace + "/services", service(key));
    }

    private static Map<String, Object> service(String key) {
        return Map.of(
                "apiVersion",
                "v1",
                "kind",
                "Service",
                "metadata",
                Map.of("name", NAME, "annotations", Map.of(key, "self-test")),
                "spec",
                Map.of("selector", Map.of("app", NAME), "ports", List.of(Map.of("name", "http", "port", 80))));
    }
}
