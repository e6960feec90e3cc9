// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

/// What a run of the plugin left behind.
record Run(int code, String out, String err) {}
