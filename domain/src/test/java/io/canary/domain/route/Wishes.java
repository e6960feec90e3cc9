// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.Weight;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/// Wishes and routes as YAML.
final class Wishes {
    private Wishes() {}

    static JsonObject yaml(String text) {
        return JsonObject.of(new Load(LoadSettings.builder().build()).loadFromString(text));
    }

    static String text(Object tree) {
        return new Dump(DumpSettings.builder()
                        .setDefaultFlowStyle(FlowStyle.BLOCK)
                        .setDereferenceAliases(true)
                        .setIndicatorIndent(0)
                        .setIndent(2)
                        .setWidth(120)
                        .build())
                .dumpToString(tree);
    }

    /// A wish as the cases write it: shares in percent, users as in their annotation.
    static Split split(JsonObject wish) {
        String root = wish.has("root") ? wish.text("root") : "order";
        List<Split.Part> parts = new ArrayList<>();
        for (JsonObject part : wish.objects("versions")) {
            String version = part.text("name");
            parts.add(new Split.Part(
                    version,
                    root + "-" + version,
                    !part.has("service") || !part.text("service").equals("of the user"),
                    Weight.parse(String.valueOf(part.fields().get("share")))
                            .orElseThrow()
                            .basisPoints(),
                    part.has("users")
                            ? Users.read(part.text("users"))
                                    .read()
                                    .orElseThrow()
                                    .terms()
                            : List.of(),
                    part.has("lane") ? new Lane(part.text("lane")) : null,
                    !part.has("ready") || part.flag("ready"),
                    part.flag("sticky")));
        }
        JsonObject mirror = wish.object("mirror");
        return new Split(
                wish.has("namespace") ? wish.text("namespace") : "shop",
                root,
                parts,
                mirror.has("version")
                        ? new Split.Mirror(root + "-" + mirror.text("version"), mirror.count("percent", 100))
                        : null);
    }

    static RouteLimits limits(JsonObject wish) {
        return RouteLimits.of(wish.textOrNull("bundle"));
    }
}
