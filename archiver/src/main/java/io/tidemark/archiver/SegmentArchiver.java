package io.tidemark.archiver;

import io.tidemark.model.Json;
import io.tidemark.plan.SegmentPlan;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.Spool;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.wire.SchemaRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Carries out one segment plan: reads its stretch of the change log, writes the objects, commits. Doing it twice does
 * nothing the second time.
 */
final class SegmentArchiver {
    private final Repository repository;
    private final Catalog catalog;
    private final SchemaRegistry registry;
    private final Path spoolDirectory;

    SegmentArchiver(Repository repository, Catalog catalog, SchemaRegistry registry, Path spoolDirectory) {
        this.repository = repository;
        this.catalog = catalog;
        this.registry = registry;
        this.spoolDirectory = spoolDirectory;
    }

    /**
     * @return whether this call committed the stretch; false if it was in the catalog already
     */
    boolean archive(SegmentPlan plan, LogRange log, BooleanSupplier cancelled) throws IOException {
        catalog.refresh();
        if (catalog.holds(plan.source(), plan.stretch())) {
            return false;
        }
        List<CatalogEntry> entries = plan.idle()
                ? List.of(new CatalogEntry.HorizonMoved(plan.source(), plan.stretch()))
                : write(plan, log, cancelled);
        return catalog.commit(newest -> newest.holds(plan.source(), plan.stretch()) ? List.of() : entries);
    }

    private List<CatalogEntry> write(SegmentPlan plan, LogRange log, BooleanSupplier cancelled) throws IOException {
        Stretch stretch = plan.stretch();
        SegmentContent content = new SegmentContent(stretch.epoch(), registry);
        log.read(stretch, cancelled, content::add);
        List<CatalogEntry> entries = new ArrayList<>();
        content.reason()
                .ifPresent(reason -> entries.add(new CatalogEntry.EpochBegun(plan.source(), stretch.epoch(), reason)));
        for (SegmentContent.SchemaAt schema : content.schemas()) {
            ObjectRef object = repository.put(
                    tag -> RepositoryLayout.schema(plan.source(), schema.at(), tag), Json.bytes(schema.schema()));
            entries.add(new CatalogEntry.SchemaAdded(plan.source(), schema.at(), object));
        }
        try (Spool spool = Spool.create(spoolDirectory)) {
            content.write(plan.source(), stretch, spool.out());
            ObjectRef object = repository.put(tag -> RepositoryLayout.segment(plan.source(), stretch, tag), spool);
            entries.add(new CatalogEntry.SegmentAdded(plan.source(), stretch, object));
        }
        return entries;
    }
}
