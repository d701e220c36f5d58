package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.app.runtime.Engines;
import io.tidemark.app.runtime.SourceLock;
import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceCheck;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.wire.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark source}. */
@Command(
        name = "source",
        mixinStandardHelpOptions = true,
        description = "Say which databases are backed up.",
        subcommands = {
            SourceCommand.Add.class,
            SourceCommand.Check.class,
            SourceCommand.Show.class,
            SourceCommand.Remove.class
        })
final class SourceCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what: add, check, list or remove");
    }

    /** A source as it is given on the command line. */
    private static final class Given {
        @Parameters(index = "0", paramLabel = "NAME", description = "The source's name: letters, digits, dashes.")
        private String name = "";

        @Parameters(
                index = "1",
                paramLabel = "URL",
                description = "postgresql://, mariadb:// or mysql://user@host:port/database")
        private String url = "";

        @Option(
                names = "--password-env",
                paramLabel = "VARIABLE",
                description = "Environment variable with the password; default: PGPASSWORD, if it is set.")
        private String passwordVariable = "PGPASSWORD";

        @Option(
                names = "--exclude",
                paramLabel = "TABLE",
                description = "Leave a table out; may be given more than once.")
        private List<String> exclude = new ArrayList<>();

        SourceDefinition definition() {
            String inUrl = url.replaceFirst("^([a-z]+://[^:/@]*):[^@]*@", "$1@");
            Optional<String> password = inUrl.equals(url)
                    ? Optional.ofNullable(System.getenv(passwordVariable))
                    : Optional.of(java.net.URLDecoder.decode(
                            url.replaceFirst("^[a-z]+://[^:/@]*:([^@]*)@.*$", "$1"),
                            java.nio.charset.StandardCharsets.UTF_8));
            return new SourceDefinition(new Topics(name).source(), Engines.ofUrl(inUrl), inUrl, password, exclude);
        }
    }

    private static Source open(SourceDefinition definition, Configuration configuration, Optional<String> repository) {
        return Engines.source(
                definition.engine(), definition.settings(configuration.integer(Key.COPY_READERS), repository));
    }

    private static String id(Repository repository) {
        return repository.identity().repositoryId().toString();
    }

    /** The repository whose capture under this name is in the database, if that is another one. */
    private static Optional<String> otherOwner(Source source, String repository) {
        return source.owner().filter(owner -> !owner.equals(repository));
    }

    private static void print(SourceCheck check) {
        check.facts().forEach(fact -> System.err.println("  " + fact));
        for (SourceCheck.Finding finding : check.findings()) {
            System.err.println((finding.fatal() ? "  ERROR    " : "  warning  ") + finding.problem());
            System.err.println("           remedy: " + finding.remedy());
        }
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Check a database, make what capturing needs in it, and put it under backup.")
    static final class Add implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @Mixin
        private Given given = new Given();

        @Option(
                names = "--take-over",
                description = {
                    "Take the capture of this name over from another repository, which loses what it has not captured by then.",
                    "A capture that still runs for that one ends when this one begins, or when it connects again."
                })
        private boolean takeOver;

        @Override
        public Integer call() throws IOException {
            Configuration configuration = options.configuration();
            SourceDefinition definition = given.definition();
            SourceDefinitions definitions = new SourceDefinitions(configuration.data());
            try (Repository repository = options.openRepository();
                    Source source = open(definition, configuration, Optional.of(id(repository)))) {
                SourceCheck check = source.check();
                print(check);
                Optional<String> other = otherOwner(source, id(repository));
                if (other.isPresent() && !takeOver) {
                    throw TidemarkException.permanent("the database is captured as '" + definition.name()
                            + "' for repository " + other.get() + "; choose another name, or take that capture over"
                            + " with --take-over");
                }
                if (!check.passed()) {
                    throw TidemarkException.permanent(definition.name()
                            + " cannot be backed up as it is; nothing was changed, see the remedies above");
                }
                Catalog catalog = options.catalog(repository);
                if (definitions.isBeingRemoved(definition.name())) {
                    throw TidemarkException.permanent("the removal of " + definition.name()
                            + " was not finished; finish it with 'tidemark source remove "
                            + definition.name() + "' first");
                }
                if (definitions.exists(definition.name())
                        && !definitions.get(definition.name()).url().equals(definition.url())
                        && !source.owner().equals(Optional.of(id(repository)))) {
                    throw TidemarkException.permanent("there is a source '" + definition.name() + "' at "
                            + definitions.get(definition.name()).url()
                            + " already; choose another name, or remove it first");
                }
                source.prepare();
                catalog.commit(newest -> newest.knows(definition.name())
                                && !newest.history(definition.name()).isRemoved()
                        ? List.of()
                        : List.of(new CatalogEntry.SourceAdded(definition.name(), definition.engine())));
                definitions.put(definition);
            }
            System.err.println("Source " + definition.name()
                    + " added; 'tidemark run' backs it up from now on, or from its start.");
            return 0;
        }
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Look whether a database can be backed up; nothing is changed in it.")
    static final class Check implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @Mixin
        private Given given = new Given();

        @Override
        public Integer call() {
            Configuration configuration = options.configuration();
            SourceDefinition definition = given.definition();
            try (Source source = open(definition, configuration, Optional.empty())) {
                SourceCheck check = withOwner(source.check(), definition, source);
                if (options.format() == CommonOptions.Format.json) {
                    options.output()
                            .record(Output.row(
                                    "passed", check.passed(), "facts", check.facts(), "findings", check.findings()));
                } else {
                    print(check);
                    System.err.println(check.passed() ? "It can be backed up." : "It cannot be backed up as it is.");
                }
                return check.passed() ? 0 : 1;
            }
        }

        /** With a finding if the capture of this name is another repository's; without a repository, anybody's. */
        private SourceCheck withOwner(SourceCheck check, SourceDefinition definition, Source source) {
            Optional<String> other =
                    source.owner().filter(owner -> !ownRepository().equals(Optional.of(owner)));
            if (other.isEmpty()) {
                return check;
            }
            List<SourceCheck.Finding> findings = new ArrayList<>(check.findings());
            findings.add(new SourceCheck.Finding(
                    true,
                    "the database is captured as '" + definition.name() + "' for repository " + other.get(),
                    "choose another name, or take that capture over with 'tidemark source add --take-over'"));
            return new SourceCheck(check.facts(), findings);
        }

        private Optional<String> ownRepository() {
            try (Repository repository = options.openRepository()) {
                return Optional.of(id(repository));
            } catch (TidemarkException | IOException e) {
                System.err.println("tidemark: whose capture it is was not looked at: " + e.getMessage());
                return Optional.empty();
            }
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "List the sources.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @Override
        public Integer call() {
            List<Map<String, Object>> rows = new SourceDefinitions(
                            options.configuration().data())
                    .list().stream()
                            .map(d -> Output.row(
                                    "name", d.name(), "engine", d.engine(), "url", d.url(), "exclude", d.exclude()))
                            .toList();
            options.output().table(rows);
            return 0;
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = {
                "Stop backing up a database and remove from it what capturing made there. A 'tidemark run' that captures",
                "it brings what it has into the repository first, and lets go of it.",
                "What is in the repository stays and can be restored."
            })
    static final class Remove implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        /** What a process that captures may need to bring the last changes into the repository. */
        private static final Duration STOP_PATIENCE = Duration.ofSeconds(70);

        @Parameters(index = "0", paramLabel = "NAME", description = "The source's name.")
        private String name = "";

        @Option(
                names = "--force",
                description =
                        "Forget the source even if its database cannot be reached; a slot left behind there fills its disk.")
        private boolean force;

        @Override
        public Integer call() throws IOException {
            Configuration configuration = options.configuration();
            SourceDefinitions definitions = new SourceDefinitions(configuration.data());
            try (Repository repository = options.openRepository()) {
                Catalog catalog = options.catalog(repository);
                SourceDefinition definition = definitions.beginRemoval(name);
                boolean done = false;
                try (SourceLock lock = SourceLock.await(configuration.data(), name, STOP_PATIENCE)) {
                    removeFromDatabase(definition, configuration, id(repository));
                    catalog.commit(newest ->
                            newest.knows(name) && !newest.history(name).isRemoved()
                                    ? List.of(new CatalogEntry.SourceRemoved(name))
                                    : List.of());
                    definitions.endRemoval(name);
                    done = true;
                } finally {
                    if (!done) {
                        definitions.giveUpRemoval(name);
                    }
                }
            }
            System.err.println("Source " + name + " removed; its backup stays in the repository.");
            return 0;
        }

        private void removeFromDatabase(SourceDefinition definition, Configuration configuration, String repository) {
            try (Source source = open(definition, configuration, Optional.of(repository))) {
                Optional<String> other = otherOwner(source, repository);
                if (other.isPresent()) {
                    System.err.println("tidemark: the capture in the database belongs to repository " + other.get()
                            + " now and stays");
                    return;
                }
                source.remove();
            } catch (TidemarkException e) {
                if (!force) {
                    throw e;
                }
                System.err.println("tidemark: slot and publication were not removed: " + e.getMessage());
            }
        }
    }
}
