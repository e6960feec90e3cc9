// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.Names;
import io.canary.domain.json.JsonObject;
import java.nio.file.Path;

/// One object of a file.
///
/// @param where the file, and which document of several
/// @param folder that the file is in
public record Document(String where, Path folder, JsonObject object) {
    String kind() {
        return object.text("kind");
    }

    /// The group of its API, empty for the core.
    String group() {
        String version = object.text("apiVersion");
        int slash = version.indexOf('/');
        return slash < 0 ? "" : version.substring(0, slash);
    }

    String name() {
        return object.object("metadata").text("name");
    }

    /// As `policies/prod.yaml: CanaryPolicy "prod"`.
    String title() {
        return where + ": " + Names.shown(kind()) + " " + Names.quoted(name());
    }
}
