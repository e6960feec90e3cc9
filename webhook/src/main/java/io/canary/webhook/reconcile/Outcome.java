// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How one run of an app ended, and when it must run again although nothing happened.
sealed interface Outcome {
    /// All was written.
    ///
    /// @param wake after this, or null for never
    record Done(@Nullable Duration wake) implements Outcome {}

    /// The world moved on while writing: look again at once, first with almost no delay.
    record Stale(String why) implements Outcome {}

    /// A write failed.
    ///
    /// @param notBefore the least delay that was asked for (`Retry-After`), or null
    record Failed(String why, @Nullable Duration notBefore) implements Outcome {}
}
