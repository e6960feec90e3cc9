// SPDX-License-Identifier: Apache-2.0
/// From Kubernetes objects to the domain's facts and back; foreign nulls end here.
@org.jspecify.annotations.NullMarked
package io.canary.webhook.kube;
