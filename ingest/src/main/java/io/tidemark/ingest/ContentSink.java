package io.tidemark.ingest;

import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionContent;
import io.tidemark.model.ContentDigest;
import io.tidemark.model.RowSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts and digests rows instead of keeping them. Thread-safe. */
public final class ContentSink implements CopySink {
    private static final class Total {
        private final ContentDigest.Sum digest = new ContentDigest.Sum();
        private long count;
    }

    private final List<RowSchema> schemas = new ArrayList<>();
    private final Map<Integer, Total> totals = new HashMap<>();

    @Override
    public synchronized int register(RowSchema schema) {
        schemas.add(schema);
        return schemas.size() - 1;
    }

    @Override
    public CopyWriter copyWriter() {
        Map<Integer, Total> own = new HashMap<>();
        return new CopyWriter() {
            @Override
            public void row(int schemaId, ByteSink key, ByteSink row) {
                Total total = own.computeIfAbsent(schemaId, id -> new Total());
                total.digest.add(row.array(), 0, row.length(), 1);
                total.count++;
            }

            @Override
            public void flush() {
                addAll(own);
                own.clear();
            }
        };
    }

    private synchronized void addAll(Map<Integer, Total> part) {
        part.forEach((id, total) -> {
            Total sum = totals.computeIfAbsent(id, i -> new Total());
            sum.digest.add(total.digest.digest());
            sum.count += total.count;
        });
    }

    /** What was handed over, by collection; those without rows included. */
    public synchronized List<CollectionContent> contents() {
        List<CollectionContent> contents = new ArrayList<>();
        for (int id = 0; id < schemas.size(); id++) {
            Total total = totals.getOrDefault(id, new Total());
            contents.add(new CollectionContent(schemas.get(id), total.count, total.digest.digest()));
        }
        return contents;
    }
}
