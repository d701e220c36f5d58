package io.tidemark.copy;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.store.Deletion;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.repository.store.StoredObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes a repository that was moved. The largest objects go first, since the store may be too full to write to; then
 * a note where it is now is left, and catalog, keys and identity go last, so that an interrupted removal can be repeated.
 */
public final class RepositoryRemoval {
    /** Hears how far it is. */
    public interface Progress {
        void deleted(long objects, long bytes);
    }

    private final ObjectStore store;

    public RepositoryRemoval(ObjectStore store) {
        this.store = store;
    }

    /**
     * Deletes everything but the note.
     *
     * @param movedTo the place the note tells
     * @return the bytes freed
     * @throws TidemarkException of kind PERMANENT if the store keeps some objects until later
     */
    public long run(String movedTo, Progress progress) {
        try {
            List<StoredObject> all = new ArrayList<>();
            store.list("", "", all::add);
            long freed = 0;
            long count = 0;
            List<ObjectName> locked = new ArrayList<>();
            for (StoredObject object : all) {
                if (RepositoryLayout.isData(object.name())) {
                    if (store.delete(object.name()) == Deletion.LOCKED) {
                        locked.add(object.name());
                    } else {
                        freed += object.bytes();
                        progress.deleted(++count, freed);
                    }
                }
            }
            if (!locked.isEmpty()) {
                throw TidemarkException.permanent("the store keeps " + locked.size() + " objects, like "
                        + locked.get(0) + ", until their lock ends; the rest of the data at " + store.location()
                        + " is deleted, all of it is at " + movedTo);
            }
            byte[] note = (movedTo + "\n").getBytes(StandardCharsets.UTF_8);
            store.putIfAbsent(RepositoryLayout.MOVED, ObjectContent.of(note));
            for (StoredObject object : all) {
                if (!RepositoryLayout.isData(object.name()) && !object.name().equals(RepositoryLayout.MOVED)) {
                    store.delete(object.name());
                    freed += object.bytes();
                }
            }
            return freed;
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot delete from " + store.location() + ": " + e.getMessage() + "; all of it is at " + movedTo
                            + ", try again",
                    e);
        }
    }
}
