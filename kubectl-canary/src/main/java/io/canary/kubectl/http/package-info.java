// SPDX-License-Identifier: Apache-2.0
/// HTTP/1.1 over plain sockets, for `verify` alone: the plugin's Java runtime has `java.base` and no HTTP client that
/// lets a caller set `Host` and see each failure.
@NullMarked
package io.canary.kubectl.http;

import org.jspecify.annotations.NullMarked;
