// SPDX-License-Identifier: Apache-2.0
/// The command line: one table of verbs and flags yields parsing, help, completion and documents.
@NullMarked
package io.canary.kubectl.cli;

import org.jspecify.annotations.NullMarked;
