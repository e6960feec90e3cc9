// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// What the house rules promise of this module (CONTRIBUTING.md): who may know whom.
class ArchitectureTest {
    private static final JavaClasses WEBHOOK = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.canary.webhook");

    @Test
    void webhookKnowsNoPlugin() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.canary.kubectl..")
                .check(WEBHOOK);
    }

    /// The hooks answer from facts: what needs a client stays behind [io.canary.domain.app.NamespaceView].
    @Test
    void admissionKnowsNoClient() {
        noClasses()
                .that()
                .resideInAPackage("io.canary.webhook.admission..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "io.canary.webhook.kube..", "io.canary.webhook.reconcile..")
                .check(WEBHOOK);
    }

    @Test
    void translatorsKnowNeitherAdmissionNorReconciler() {
        noClasses()
                .that()
                .resideInAPackage("io.canary.webhook.kube..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.canary.webhook.admission..", "io.canary.webhook.reconcile..")
                .check(WEBHOOK);
    }

    @Test
    void reconcilerKnowsNoAdmission() {
        noClasses()
                .that()
                .resideInAPackage("io.canary.webhook.reconcile..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.canary.webhook.admission..", "io.canary.domain.admission..")
                .check(WEBHOOK);
    }

    /// It logs JSON, and nothing else reaches standard output.
    @Test
    void nothingIsPrinted() {
        noClasses().should(ACCESS_STANDARD_STREAMS).check(WEBHOOK);
    }
}
