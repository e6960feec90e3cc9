// SPDX-License-Identifier: Apache-2.0
/// Real requests through a Gateway: who sends them, and the pods that answer and keep count.
///
/// A test asks its `Cluster` for the [io.canary.e2e.traffic.Gateway], gives its Services `targetPort: 9080`, its
/// route the parent [io.canary.e2e.traffic.Gateway#parent] and a host name of [io.canary.e2e.traffic.Gateway#host];
/// then it waits until the route is in force, sends, and looks at the [io.canary.e2e.traffic.Tally]. What Traefik
/// does stands in [io.canary.e2e.testbed.Traefik], what Contour does otherwise in [io.canary.e2e.testbed.Contour].
@NullMarked
package io.canary.e2e.traffic;

import org.jspecify.annotations.NullMarked;
