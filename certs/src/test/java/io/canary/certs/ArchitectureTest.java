// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// What the house rules promise of this module (CONTRIBUTING.md): certificates only, no cluster, a clock passed in.
class ArchitectureTest {
    private static final JavaClasses CERTS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.canary.certs");

    @Test
    void certificatesNeedNothingButJavaAndBouncyCastle() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax..", "org.jspecify..", "org.bouncycastle..", "io.canary.certs..")
                .check(CERTS);
    }

    @Test
    void timeIsPassedIn() {
        noClasses().should().callMethod(Instant.class, "now").check(CERTS);
        noClasses().should().callMethod(System.class, "currentTimeMillis").check(CERTS);
    }
}
