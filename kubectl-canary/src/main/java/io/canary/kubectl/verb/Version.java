// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.ImageReference;
import io.canary.domain.json.JsonObject;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.SequencedMap;

/// `version`: of the plugin, of the controller by its image's tag, of the API server.
final class Version {
    private Version() {}

    /// As it was built, for instance `0.1.0`.
    static String ofPlugin() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("/canary.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            return "unknown";
        }
        return properties.getProperty("version", "unknown");
    }

    static int run(Session session) {
        SequencedMap<String, Object> versions = new LinkedHashMap<>();
        // With the commit that it was packaged from, as the launcher knows it.
        versions.put("plugin", session.environment().getOrDefault("CANARY_VERSION", ofPlugin()));
        int code = session.arguments().on("client") ? ExitCode.DONE : server(session, versions);
        if (session.arguments().value("output").isEmpty()) {
            versions.forEach((part, version) -> session.terminal().print("%-12s%s".formatted(part + ":", version)));
        } else {
            versions.putFirst("kind", "Version");
            versions.putFirst("apiVersion", "cli.canary.io/v1");
            Output.tree(session, versions);
        }
        return code;
    }

    private static int server(Session session, Map<String, Object> versions) {
        Reading controller = Reading.of(session.kubectl()
                .quietly(
                        "get",
                        "deployment",
                        "canary-webhook",
                        Install.SYSTEM,
                        "--output=jsonpath={.spec.template.spec.containers[0].image}"));
        switch (controller) {
            case Reading.Got(String image) -> {
                ImageReference reference = ImageReference.of(image);
                versions.put("controller", reference.tag().isEmpty() ? image : reference.tag());
                if (differs(reference.tag())) {
                    session.terminal()
                            .note("warning: plugin " + ofPlugin() + " and controller " + reference.tag()
                                    + " differ by more than a patch");
                }
            }
            case Reading.NotFound _ -> versions.put("controller", "not installed");
            case Reading other -> {
                return Apps.told(session, other);
            }
        }
        Reading api = Reading.of(session.kubectl().quietly("get", "--raw=/version"));
        if (api instanceof Reading.Got(String json)) {
            versions.put("kubernetes", JsonObject.of(Json.read(json)).text("gitVersion"));
        }
        return ExitCode.DONE;
    }

    /// Whether a controller's tag names another minor version than ours; one that is no version tells nothing.
    private static boolean differs(String tag) {
        String version = tag.startsWith("v") ? tag.substring(1) : tag;
        return version.matches("[0-9]+\\.[0-9]+.*") && !minor(version).equals(minor(ofPlugin()));
    }

    private static String minor(String version) {
        String[] parts = version.split("[.-]", -1);
        return parts.length < 2 ? version : parts[0] + "." + parts[1];
    }
}
