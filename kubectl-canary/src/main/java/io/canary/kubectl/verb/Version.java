// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

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
        Map<String, Object> versions = new LinkedHashMap<>();
        versions.put("plugin", ofPlugin());
        int code = ExitCode.DONE;
        if (!session.arguments().on("client")) {
            code = server(session, versions);
        }
        if (!session.arguments().value("output").isEmpty()) {
            return Output.tree(session, versions);
        }
        versions.forEach((part, version) -> session.terminal().print("%-12s%s".formatted(part + ":", version)));
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
                String version = image.substring(image.lastIndexOf(':') + 1);
                versions.put("controller", version);
                if (!minor(version).equals(minor(ofPlugin()))) {
                    session.terminal()
                            .note("warning: plugin " + ofPlugin() + " and controller " + version
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

    private static String minor(String version) {
        String[] parts = version.split("[.-]", -1);
        return parts.length < 2 ? version : parts[0] + "." + parts[1];
    }
}
