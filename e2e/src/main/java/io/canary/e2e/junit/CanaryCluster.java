// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// The tests of this class run on a real cluster, one for the whole JVM; each gets a namespace of its own.
///
/// Without a cluster to be had the class is skipped, or failed where `CANARY_IT_REQUIRED=true`.
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(CanaryClusterExtension.class)
public @interface CanaryCluster {
    /// Whether the product (a `Product` that ServiceLoader finds) must run.
    boolean product() default true;
}
