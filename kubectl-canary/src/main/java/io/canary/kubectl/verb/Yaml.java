// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// YAML as trees, for files that people keep.
final class Yaml {
    private Yaml() {}

    static String write(Object tree) {
        return new Dump(DumpSettings.builder()
                        .setDefaultFlowStyle(FlowStyle.BLOCK)
                        .setIndicatorIndent(0)
                        .setIndent(2)
                        .setWidth(120)
                        .build())
                .dumpToString(tree);
    }

    /// The documents of a file.
    ///
    /// @throws IllegalArgumentException when it is no YAML
    static List<JsonObject> read(String text) {
        List<JsonObject> documents = new ArrayList<>();
        try {
            for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
                if (document != null) {
                    documents.add(JsonObject.of(document));
                }
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(
                    "not YAML: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
        return documents;
    }
}
