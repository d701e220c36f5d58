package io.tidemark.copy;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.repository.store.StoredObject;
import java.io.IOException;
import java.util.Optional;

/** Copies objects as they are stored, and checks each against the catalog's SHA-256 on the way. */
public record ObjectCopy(Repository from, ObjectStore to) {
    /**
     * Copies an object unless it is there.
     *
     * @return whether it did
     * @throws TidemarkException of kind VERIFICATION if it is damaged, or the other place has another of that name
     */
    public boolean copy(ObjectRef ref) throws IOException {
        Optional<StoredObject> there = to.stat(ref.name());
        if (there.isPresent() && there.get().bytes() == ref.bytes()) {
            return false;
        }
        from.verify(ref);
        boolean copied = to.putIfAbsent(ref.name(), new StoredContent(from.store(), ref.name(), ref.bytes()));
        if (!copied) {
            throw TidemarkException.corrupt("object " + ref.name() + " at " + to.location() + " is not the one of "
                    + from.location() + "; remove it there and copy again");
        }
        return true;
    }
}
