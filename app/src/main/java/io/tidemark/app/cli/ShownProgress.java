package io.tidemark.app.cli;

import io.tidemark.model.CollectionName;
import io.tidemark.restorer.RestoreProgress;

/** Shows how far a restore is. */
record ShownProgress(Progress progress) implements RestoreProgress {
    @Override
    public void step(String name) {
        progress.done();
        progress.show(name);
    }

    @Override
    public void loaded(CollectionName collection, long rows, long bytes, int done, int total) {
        progress.show("loaded " + collection + " (" + rows + " rows), " + done + " of " + total);
    }

    @Override
    public void made(String object, int done, int total) {
        progress.show("made " + object + ", " + done + " of " + total);
    }
}
