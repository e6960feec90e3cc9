// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// What the house rules promise of this module (CONTRIBUTING.md): the plugin reaches the cluster through kubectl.
class ArchitectureTest {
    private static final JavaClasses PLUGIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.canary.kubectl");

    /// Neither the webhook nor a client library: JSON and YAML, and the domain.
    @Test
    void pluginNeedsLittleButJavaAndTheDomain() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.net.ssl..", // of java.base
                        "org.jspecify..",
                        "tools.jackson.core..",
                        "org.snakeyaml.engine..",
                        "io.canary.domain..",
                        "io.canary.kubectl..")
                .check(PLUGIN);
    }

    /// All else gets its stream passed in, so that tests see what a user sees.
    @Test
    void onlyMainTakesAStandardStream() {
        noClasses()
                .should()
                .accessFieldWhere(describe("a standard stream is taken outside main", ArchitectureTest::prints))
                .check(PLUGIN);
    }

    private static boolean prints(JavaFieldAccess access) {
        return access.getTargetOwner().isEquivalentTo(System.class)
                && !access.getOrigin().getName().equals("main");
    }
}
