// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// What the house rules promise of this module (CONTRIBUTING.md): what judges the product shares no code with it.
class ArchitectureTest {
    private static final JavaClasses E2E = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.canary.e2e");

    @Test
    void recorderAndStandInsKnowNoProduct() {
        noClasses()
                .that()
                .resideInAPackage("io.canary.e2e.watch..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.canary.domain..", "io.canary.webhook..", "io.canary.certs..")
                .check(E2E);
    }

    @Test
    void testbedKnowsNoProduct() {
        noClasses()
                .that()
                .resideInAnyPackage("io.canary.e2e.testbed..", "io.canary.e2e.junit..", "io.canary.e2e.traffic..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.canary.domain..", "io.canary.webhook..", "io.canary.e2e.product..")
                .check(E2E);
    }

    /// Demo and benchmarks print; everything else gets its stream from a `main`.
    @Test
    void onlyProgramsPrint() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.canary.e2e.demo..", "io.canary.e2e.bench..")
                .should()
                .accessFieldWhere(describe("a standard stream is taken outside main", ArchitectureTest::prints))
                .check(E2E);
    }

    private static boolean prints(JavaFieldAccess access) {
        return access.getTargetOwner().isEquivalentTo(System.class)
                && !access.getOrigin().getName().equals("main");
    }
}
