// SPDX-License-Identifier: Apache-2.0
package io.canary.domain;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/// What the house rules promise of this module (CONTRIBUTING.md): decisions only, one way down, no clock.
class ArchitectureTest {
    private static final JavaClasses DOMAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.canary.domain");

    @Test
    void dependenciesRunOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("app")
                .definedBy("io.canary.domain.app..")
                .layer("share")
                .definedBy("io.canary.domain.share..")
                .layer("route")
                .definedBy("io.canary.domain.route..")
                .layer("admission")
                .definedBy("io.canary.domain.admission..")
                .layer("plan")
                .definedBy("io.canary.domain.plan..")
                .layer("progress")
                .definedBy("io.canary.domain.progress..")
                .layer("edit")
                .definedBy("io.canary.domain.edit..")
                .layer("json")
                .definedBy("io.canary.domain.json..")
                .layer("policy")
                .definedBy("io.canary.domain.policy..")
                .layer("verify")
                .definedBy("io.canary.domain.verify..")
                .whereLayer("app")
                .mayNotAccessAnyLayer()
                .whereLayer("share")
                .mayOnlyAccessLayers("app")
                .whereLayer("route")
                .mayOnlyAccessLayers("app", "share", "json")
                .whereLayer("admission")
                .mayOnlyAccessLayers("app", "json", "share", "route", "policy")
                .whereLayer("policy")
                .mayOnlyAccessLayers("app", "json", "share")
                .whereLayer("plan")
                .mayOnlyAccessLayers("app", "json", "share", "route", "policy")
                .whereLayer("progress")
                .mayOnlyAccessLayers("app", "share", "route", "admission", "plan")
                .whereLayer("edit")
                .mayOnlyAccessLayers("app", "share", "admission")
                .whereLayer("verify")
                .mayOnlyAccessLayers("app", "route")
                .whereLayer("json")
                .mayOnlyAccessLayers("app")
                .check(DOMAIN);
    }

    @Test
    void domainNeedsNothingButJava() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "io.canary.domain..")
                .check(DOMAIN);
    }

    @Test
    void domainDoesNoInputOrOutput() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.net..", "java.nio.file..", "java.nio.channels..")
                .check(DOMAIN);
    }

    @Test
    void timeIsPassedIn() {
        noClasses()
                .should()
                .callMethodWhere(describe(
                        "a clock is read, or waited for",
                        call -> readsClock(call) || call.getTargetOwner().isEquivalentTo(Thread.class)))
                .check(DOMAIN);
    }

    private static boolean readsClock(JavaCall<?> call) {
        String method = call.getName();
        String owner = call.getTargetOwner().getName();
        return (owner.startsWith("java.time.") && method.equals("now"))
                || call.getTargetOwner().isAssignableTo(Clock.class)
                || call.getTargetOwner().isAssignableTo(InstantSource.class)
                || (owner.equals("java.lang.System")
                        && (method.equals("currentTimeMillis") || method.equals("nanoTime")))
                || owner.startsWith("java.util.Date");
    }
}
