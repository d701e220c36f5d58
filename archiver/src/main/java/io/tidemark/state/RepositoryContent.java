package io.tidemark.state;

import io.tidemark.merge.ChangeMerger;
import io.tidemark.merge.FanIn;
import io.tidemark.merge.MergedRanges;
import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionContent;
import io.tidemark.model.ContentDigest;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.state.SnapshotManifest.CollectionParts;
import io.tidemark.state.SnapshotManifest.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The digests of what a repository holds of a source at the end of a transaction. Kept up step by step: a part in whose
 * range of keys nothing changed since its snapshot counts with the digest that was taken when it was written, unread.
 */
public final class RepositoryContent {
    private RepositoryContent() {}

    /**
     * Digests all collections of a state, but those that Tidemark itself keeps.
     *
     * @param spoolDirectory for temporary files
     */
    public static List<CollectionContent> of(RepositoryState state, Path spoolDirectory) {
        Map<String, CollectionParts> snapshot =
                state.parts().stream().collect(Collectors.toMap(CollectionParts::id, Function.identity()));
        List<CollectionContent> contents = new ArrayList<>();
        for (RepositoryState.CollectionState collection : state.collections()) {
            if (!collection.name().isSystem()) {
                CollectionParts parts = snapshot.get(collection.rows().id());
                contents.add(digest(
                        collection,
                        parts == null ? List.of() : parts.parts(),
                        state.end().at().offset(),
                        spoolDirectory));
            }
        }
        return contents;
    }

    private static CollectionContent digest(
            RepositoryState.CollectionState collection, List<Part> parts, long through, Path spoolDirectory) {
        Digesting digesting = new Digesting(collection.rows(), parts);
        try (FanIn inputs = collection.inputs(spoolDirectory)) {
            new ChangeMerger(collection.rows(), inputs.inputs(), through)
                    .mergeRanges(collection.base(), Optional.empty(), digesting);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot read " + collection.name() + ": " + e.getMessage(), e);
        }
        return new CollectionContent(collection.rows(), digesting.count, digesting.digest.digest());
    }

    private static final class Digesting implements MergedRanges {
        private final List<Part> parts;
        private final String shape;
        private final ContentDigest.Sum digest = new ContentDigest.Sum();
        private long count;

        Digesting(RowSchema rows, List<Part> parts) {
            this.parts = parts;
            shape = SnapshotManifest.shape(rows);
        }

        @Override
        public boolean unchanged(int range, Optional<byte[]> end) {
            Part part = parts.get(range);
            if (!part.shape().equals(shape)) {
                return false;
            }
            digest.add(part.digest());
            count += part.rows();
            return true;
        }

        @Override
        public void accept(ByteSink key, ByteSink row, long offset, int index, long times) {
            digest.add(row.array(), 0, row.length(), times);
            count += times;
        }

        @Override
        public void endOfRange() {}
    }
}
