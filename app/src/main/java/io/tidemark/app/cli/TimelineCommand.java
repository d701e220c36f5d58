package io.tidemark.app.cli;

import io.tidemark.model.Micros;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.restorer.plan.Timeline;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tidemark timeline}. */
@Command(
        name = "timeline",
        mixinStandardHelpOptions = true,
        description = "Show the moments that can be restored, and the gaps between them. Times are UTC.")
final class TimelineCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Parameters(index = "0", arity = "0..1", paramLabel = "SOURCE", description = "Only this source.")
    private @Nullable String source;

    @Override
    public Integer call() throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.catalog(repository);
            for (String name : CommonOptions.sources(source, catalog)) {
                rows.addAll(rows(name, Timeline.of(catalog.history(name))));
            }
        }
        options.output().table(rows);
        return 0;
    }

    private static List<Map<String, Object>> rows(String source, Timeline timeline) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (CatalogEntry.SnapshotAdded snapshot : timeline.snapshots()) {
            Instant at = Micros.toInstant(snapshot.end().committedAtMicros());
            Object position = snapshot.end().at();
            rows.add(row(source, "snapshot", at, at, position, position, 0, 0, "-"));
        }
        int alone = rows.size();
        for (Timeline.Range range : timeline.ranges()) {
            if (rows.size() > alone) {
                rows.add(row(
                        source,
                        "gap",
                        rows.get(rows.size() - 1).get("until"),
                        range.from(),
                        "-",
                        "-",
                        0,
                        0,
                        range.reason()));
            }
            rows.add(row(
                    source,
                    "restorable",
                    range.from(),
                    range.until(),
                    range.first().at(),
                    range.last().at(),
                    range.transactions(),
                    range.changes(),
                    "-"));
        }
        return rows;
    }

    private static Map<String, Object> row(
            String source,
            String what,
            @Nullable Object from,
            Object until,
            Object first,
            Object last,
            long transactions,
            long changes,
            String reason) {
        return Output.row(
                "source",
                source,
                "what",
                what,
                "from",
                String.valueOf(from),
                "until",
                until.toString(),
                "first_position",
                first.toString(),
                "last_position",
                last.toString(),
                "transactions",
                transactions,
                "changes",
                changes,
                "reason",
                reason);
    }
}
