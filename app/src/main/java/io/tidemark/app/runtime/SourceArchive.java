package io.tidemark.app.runtime;

import io.tidemark.ingest.Archive;
import io.tidemark.repository.catalog.Catalog;
import java.util.List;

/** What the capture of one source asks of its repository. */
record SourceArchive(String source, Catalog catalog, String repository) implements Archive {
    @Override
    public int nextEpoch() {
        catalog.refresh();
        if (!catalog.knows(source)) {
            return 0;
        }
        List<Integer> epochs = catalog.history(source).epochs();
        return epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1) + 1;
    }

    @Override
    public boolean isRemoved() {
        catalog.refresh();
        return catalog.knows(source) && catalog.history(source).isRemoved();
    }
}
