// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.junit.CanaryCluster;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The tests of this class run beside others, on one cluster with one installed product; each takes a [Story].
/// One that kills the product or changes what all share takes `@ResourceLock("cluster")` besides.
@CanaryCluster
@ExtendWith(StoryExtension.class)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface ReleaseStory {}
