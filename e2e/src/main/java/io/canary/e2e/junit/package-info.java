// SPDX-License-Identifier: Apache-2.0
/// Gives JUnit tests a real cluster: annotate the class with `CanaryCluster`, take a `Cluster` as parameter.
@NullMarked
package io.canary.e2e.junit;

import org.jspecify.annotations.NullMarked;
