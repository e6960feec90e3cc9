// SPDX-License-Identifier: Apache-2.0
/// The Helm chart: the same objects as `manifests/`, and what Helm does with them on a real control plane.
@NullMarked
package io.canary.e2e.chart;

import org.jspecify.annotations.NullMarked;
