package io.tidemark.ingest;

import io.tidemark.model.CollectionContent;
import java.util.List;

/**
 * What a source held at one place of its log.
 *
 * @param coordinate the state is that behind the last transaction whose coordinate is this one or before it
 */
public record SourceContent(String coordinate, List<CollectionContent> collections) {
    public SourceContent {
        collections = List.copyOf(collections);
    }
}
