package io.tidemark.archiver;

import io.tidemark.merge.FanIn;
import io.tidemark.merge.MergeInput;
import io.tidemark.merge.SectionMerger;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.CompactionPlan;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.Spool;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.section.Footer;
import io.tidemark.repository.section.SectionFile;
import io.tidemark.repository.section.SectionFileWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Merges segments and runs that follow each other into one run with every change, and puts it into the catalog in their
 * place. Needs the repository only; memory does not depend on their size. The same pieces give the same bytes.
 * Thread-safe.
 */
public final class Compactor {
    private final Repository repository;
    private final Catalog catalog;
    private final Path spoolDirectory;
    private final BooleanSupplier cancelled;

    /**
     * @param cancelled is asked between sections; a merge that is cancelled ends with a failure of kind TRANSIENT
     */
    public Compactor(Repository repository, Catalog catalog, Path spoolDirectory, BooleanSupplier cancelled) {
        this.repository = repository;
        this.catalog = catalog;
        this.spoolDirectory = spoolDirectory;
        this.cancelled = cancelled;
    }

    /**
     * Carries out a plan, unless its stretch is one piece already or is not in the catalog as a whole.
     *
     * @return the run, if this call made one
     */
    public Optional<CatalogEntry.RunAdded> compact(CompactionPlan plan) throws IOException {
        catalog.refresh();
        List<Archived> pieces = pieces(catalog, plan);
        if (pieces.size() < 2) {
            return Optional.empty();
        }
        Stretch stretch = Stretch.join(pieces.stream().map(Archived::stretch).toList());
        boolean changed = pieces.stream().anyMatch(piece -> piece.object().isPresent());
        Optional<ObjectRef> run = changed ? Optional.of(merge(plan, stretch, pieces)) : Optional.empty();
        CatalogEntry.RunAdded added = new CatalogEntry.RunAdded(plan.source(), stretch, run);
        // What it was made of must still be what the catalog reads there.
        boolean committed = catalog.commit(newest -> pieces(newest, plan).equals(pieces) ? List.of(added) : List.of());
        return committed ? Optional.of(added) : Optional.empty();
    }

    /** What the catalog reads in the plan's stretch; nothing if that does not begin and end where pieces do. */
    private static List<Archived> pieces(Catalog catalog, CompactionPlan plan) {
        if (!catalog.knows(plan.source())) {
            return List.of();
        }
        SourceHistory history = catalog.history(plan.source());
        List<Archived> pieces = history.contiguous(plan.epoch()).stream()
                .filter(a -> a.stretch().after() >= plan.after() && a.stretch().through() <= plan.through())
                .toList();
        boolean whole = !pieces.isEmpty()
                && pieces.get(0).stretch().after() == plan.after()
                && pieces.get(pieces.size() - 1).stretch().through() == plan.through();
        return whole ? pieces : List.of();
    }

    private ObjectRef merge(CompactionPlan plan, Stretch stretch, List<Archived> pieces) throws IOException {
        Map<Archived, SectionFile> files = new LinkedHashMap<>();
        for (Archived piece : pieces) {
            piece.object().ifPresent(ref -> files.put(piece, SectionFile.open(repository, ref)));
        }
        try (Spool spool = Spool.create(spoolDirectory)) {
            SectionFileWriter writer = new SectionFileWriter(spool.out());
            for (Map.Entry<RowSchema, List<MergeInput>> section :
                    sections(files.values()).entrySet()) {
                check();
                try (FanIn fanIn = FanIn.reduce(Optional.empty(), section.getValue(), spoolDirectory)) {
                    SectionMerger.merge(section.getKey(), fanIn.inputs(), writer);
                }
            }
            transactions(pieces, files, writer);
            writer.finish(plan.source(), stretch.epoch(), stretch.after(), stretch.through());
            check();
            return repository.put(tag -> RepositoryLayout.run(plan.source(), stretch, tag), spool);
        }
    }

    private void check() {
        if (cancelled.getAsBoolean()) {
            throw new TidemarkException(
                    TidemarkException.Kind.TRANSIENT, "a merge of segments was stopped; it is done again later");
        }
    }

    /** In an order that does not depend on what the run is merged of. */
    private static Map<RowSchema, List<MergeInput>> sections(Collection<SectionFile> files) {
        Map<RowSchema, List<MergeInput>> sections = new TreeMap<>(SectionFileWriter.ORDER);
        for (SectionFile file : files) {
            for (Footer.Section section : file.footer().sections()) {
                sections.computeIfAbsent(file.rows(section), rows -> new ArrayList<>())
                        .add(MergeInput.of(file, section, -1));
            }
        }
        return sections;
    }

    /**
     * Of a stretch without changes only the last transaction is known. It stands for all of them, with the latest time at
     * which one of them committed: a moment before that lies before some of them, and the state is the same at each.
     */
    private static void transactions(List<Archived> pieces, Map<Archived, SectionFile> files, SectionFileWriter writer)
            throws IOException {
        try (SectionFileWriter.TransactionWriter transactions = writer.transactions()) {
            for (Archived piece : pieces) {
                SectionFile file = files.get(piece);
                if (file != null) {
                    file.transactions(end -> add(end, transactions));
                } else {
                    Stretch idle = piece.stretch();
                    idle.lastEnd().ifPresent(end -> add(at(end, idle), transactions));
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static TransactionEnd at(TransactionEnd end, Stretch idle) {
        long latest = idle.lastCommitMicros().orElse(end.committedAtMicros());
        return new TransactionEnd(end.at(), latest, end.id(), end.coordinate());
    }

    private static void add(TransactionEnd end, SectionFileWriter.TransactionWriter transactions) {
        try {
            transactions.add(end);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
