// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

/// What one process remembers of an app between plans: since when things have been as they are. Lost at a restart
/// or takeover: each delay then begins again (design 5.6).
public record Memory() {
    public static final Memory EMPTY = new Memory();
}
