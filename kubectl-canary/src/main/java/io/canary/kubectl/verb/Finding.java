// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import java.util.LinkedHashMap;
import java.util.Map;

/// What one check found.
///
/// @param code `CAN` and three digits; the first tells the group
/// @param hint a command or an edit that helps; empty where nothing is to be done
record Finding(String code, Level level, String text, String hint) {
    /// How bad it is.
    enum Level {
        OK("ok"),
        WARNING("warn"),
        ERROR("fail");

        final String text;

        Level(String text) {
            this.text = text;
        }
    }

    /// What the first digit of a code stands for, in the order in which it is told.
    enum Group {
        CLUSTER("cluster"),
        ROUTES("routes"),
        APP("app"),
        WEBHOOK("webhook");

        final String title;

        Group(String title) {
            this.title = title;
        }
    }

    Group group() {
        return Group.values()[Math.clamp(code.charAt(3) - '0', 0, Group.values().length - 1)];
    }

    static Finding ok(String code, String text) {
        return new Finding(code, Level.OK, text, "");
    }

    static Finding warning(String code, String text, String hint) {
        return new Finding(code, Level.WARNING, text, hint);
    }

    static Finding error(String code, String text, String hint) {
        return new Finding(code, Level.ERROR, text, hint);
    }

    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("code", code);
        tree.put("level", level.text);
        tree.put("text", text);
        tree.put("hint", hint);
        return tree;
    }
}
