// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

/// What the process ends with (cli.md section 2).
public final class ExitCode {
    /// Done, or nothing to do.
    public static final int DONE = 0;

    /// Any other error; for `plan`: something would change; for `policy test`: something is denied.
    public static final int ERROR = 1;

    /// `plan` could not be made.
    public static final int NO_PLAN = 2;

    /// `policy test` was given something that it cannot judge by.
    public static final int BAD_INPUT = 2;

    /// It ended Degraded, in a conflict that only another edit ends, or somebody aborted while we waited; for `verify`:
    /// the shares changed meanwhile.
    public static final int ENDED_BADLY = 3;

    /// Denied by the webhook or by a policy.
    public static final int DENIED = 4;

    /// `check` or `policy report` found failures; `verify` measured another split than the one in force, or requests
    /// failed.
    public static final int CHECK_FAILED = 5;

    public static final int USAGE = 64;

    public static final int TIMED_OUT = 124;

    /// By Ctrl-C, where something was still printed.
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
