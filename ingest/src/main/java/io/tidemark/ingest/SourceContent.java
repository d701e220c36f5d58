package io.tidemark.ingest;

import io.tidemark.model.CollectionContent;
import io.tidemark.model.CollectionName;
import java.util.List;

/**
 * What a source held at one place of its log.
 *
 * @param coordinate the state is that behind the last transaction whose coordinate is this one or before it
 * @param uncaptured collections that should be captured and are not
 */
public record SourceContent(String coordinate, List<CollectionContent> collections, List<CollectionName> uncaptured) {
    public SourceContent {
        uncaptured = List.copyOf(uncaptured);
        collections = List.copyOf(collections);
    }
}
