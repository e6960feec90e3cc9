// SPDX-License-Identifier: Apache-2.0
/// `make bench`: what the product costs, measured on a real control plane against the same cluster without it, in one
/// run. [io.canary.e2e.bench.Bench] is the map; each measurement is a class of its own and prints its tables.
///
/// Nothing here fails by a time: a bar that is missed is told, with how much is missing.
@NullMarked
package io.canary.e2e.bench;

import org.jspecify.annotations.NullMarked;
