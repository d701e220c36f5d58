package io.tidemark.app.cli;

import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command {@code tidemark} and how all its commands fail. */
@Command(
        name = "tidemark",
        version = "Tidemark 0.1.0",
        mixinStandardHelpOptions = true,
        description = "Continuous backup of live databases, and restore to any moment.",
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0  done",
            "  1  failed",
            "  2  the command or the configuration is wrong",
            "  3  stored data is missing, altered or does not open with the key",
            "  4  what was asked for does not exist",
            "  5  'status' found a source that is not backed up as it should be"
        },
        subcommands = {
            HelpCommand.class,
            InitCommand.class,
            SourceCommand.class,
            RunCommand.class,
            StatusCommand.class,
            ListCommand.class,
            TimelineCommand.class,
            CreateCommand.class,
            CompactCommand.class,
            RestoreCommand.class,
            VerifyCommand.class,
            PruneCommand.class,
            AnchorCommand.class,
            RepoCommand.class,
            EmergencyCommand.class,
            KeyCommand.class,
            KeysCommand.class,
            DemoCommand.class
        })
public final class TidemarkCommand implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(TidemarkCommand.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the command line and gives the exit code. */
    public static int execute(String... arguments) {
        CommandLine commandLine = new CommandLine(new TidemarkCommand());
        commandLine.setExecutionExceptionHandler(TidemarkCommand::report);
        return commandLine.execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** One sentence on standard error, or one object under {@code --format json}. */
    private static int report(Exception error, CommandLine commandLine, ParseResult parsed) {
        TidemarkException.Kind kind = TidemarkException.Kind.PERMANENT;
        String message = error.getMessage();
        if (error instanceof TidemarkException known) {
            kind = known.kind();
            LOG.debug("failed", error);
        } else {
            message = "unexpected failure: " + error;
            LOG.error("unexpected failure", error);
        }
        if (asksForJson(parsed)) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("error", message);
            object.put("kind", kind.name());
            object.put("exitCode", kind.exitCode());
            System.err.println(Json.text(object));
        } else {
            System.err.println("tidemark: " + message);
        }
        return kind.exitCode();
    }

    private static boolean asksForJson(ParseResult parsed) {
        return parsed.expandedArgs().contains("--format=json")
                || String.join(" ", parsed.expandedArgs()).contains("--format json");
    }
}
