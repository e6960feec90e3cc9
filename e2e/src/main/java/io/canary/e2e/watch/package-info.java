// SPDX-License-Identifier: Apache-2.0
/// The observers of the end-to-end tests: they know the design, but share no code with the product.
///
/// * [io.canary.e2e.watch.MeshStandIn] plays the controller of a GAMMA mesh: it writes the status of routes.
/// * [io.canary.e2e.watch.InvariantRecorder] keeps every observed version of every object of a namespace and
///   judges them by [io.canary.e2e.watch.Invariants], a pure function from that timeline to violations.
/// * [io.canary.e2e.watch.AuditLog] tells who called the API server, how often and in which order.
@NullMarked
package io.canary.e2e.watch;

import org.jspecify.annotations.NullMarked;
