package io.tidemark.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Dependencies point down, as docs/architecture.md draws them. */
@AnalyzeClasses(
        packages = "io.tidemark",
        importOptions = {ImportOption.DoNotIncludeTests.class, ModuleDirectionsTest.WithoutTestJars.class})
class ModuleDirectionsTest {
    private static final String[] SCHEMAS = {
        "io.tidemark.model..", "io.tidemark.wire..", "io.tidemark.plan..", "io.tidemark.postgres.."
    };
    /** The fixtures of other modules come in a jar of their own. */
    static final class WithoutTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String[] ARCHIVER = {
        "io.tidemark.repository..",
        "io.tidemark.merge..",
        "io.tidemark.state..",
        "io.tidemark.archiver..",
        "io.tidemark.retention..",
        "io.tidemark.copy.."
    };

    @ArchTest
    static final ArchRule schemasImportNothingOfOurs = noClasses()
            .that()
            .resideInAnyPackage(SCHEMAS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.tidemark.ingest..",
                    "io.tidemark.repository..",
                    "io.tidemark.merge..",
                    "io.tidemark.state..",
                    "io.tidemark.archiver..",
                    "io.tidemark.pipeline..",
                    "io.tidemark.restorer..",
                    "io.tidemark.app..");

    @ArchTest
    static final ArchRule ingestAndPipelineKnowOnlySchemas = noClasses()
            .that()
            .resideInAnyPackage("io.tidemark.ingest..", "io.tidemark.pipeline..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.tidemark.repository..",
                    "io.tidemark.merge..",
                    "io.tidemark.state..",
                    "io.tidemark.archiver..",
                    "io.tidemark.restorer..",
                    "io.tidemark.app..");

    @ArchTest
    static final ArchRule archiverKnowsNoSourceTargetOrPipeline = noClasses()
            .that()
            .resideInAnyPackage(ARCHIVER)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.tidemark.ingest..",
                    "io.tidemark.pipeline..",
                    "io.tidemark.restorer..",
                    "io.tidemark.app..",
                    "io.tidemark.postgres..");

    @ArchTest
    static final ArchRule restorerNeedsNoKafka = noClasses()
            .that()
            .resideInAPackage("io.tidemark.restorer..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.kafka..",
                    "io.tidemark.ingest..",
                    "io.tidemark.pipeline..",
                    "io.tidemark.app..",
                    "io.tidemark.wire..");

    @ArchTest
    static final ArchRule repositoryKnowsNoKafka = noClasses()
            .that()
            .resideInAnyPackage("io.tidemark.repository..", "io.tidemark.merge..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "io.tidemark.wire..");

    @ArchTest
    static final ArchRule planningImportsNeitherTargetsNorMerging = noClasses()
            .that()
            .resideInAPackage("io.tidemark.restorer.plan..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.tidemark.restorer", "io.tidemark.restorer.postgres..", "io.tidemark.merge..");

    @ArchTest
    static final ArchRule ingestIsNotShapedAfterOneEngine = noClasses()
            .that()
            .resideInAPackage("io.tidemark.ingest")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.tidemark.ingest.postgres..", "io.tidemark.postgres..", "org.postgresql..", "java.sql..");

    @ArchTest
    static final ArchRule onlyTheNamedExceptionIsThrownByUs = classes()
            .that()
            .areAssignableTo(Throwable.class)
            .and()
            .resideInAPackage("io.tidemark..")
            .and()
            .resideOutsideOfPackage("io.tidemark.testbed..")
            .should()
            .haveSimpleName("TidemarkException");

    @ArchTest
    static final ArchRule testbedKnowsNothingOfOurs = noClasses()
            .that()
            .resideInAPackage("io.tidemark.testbed..")
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.tidemark..").and(resideOutsideOfPackage("io.tidemark.testbed..")));

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.tidemark.(*)..").should().beFreeOfCycles();
}
