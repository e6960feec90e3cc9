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

/// The tests of this class run beside others, on one cluster with one installed product; each takes a [Story].
/// Those that kill the product or change what all share are tagged `alone` besides: they run one after another, in a
/// cluster of their own (see the pom).
@CanaryCluster
@ExtendWith(StoryExtension.class)
@Execution(ExecutionMode.CONCURRENT)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface ReleaseStory {}
