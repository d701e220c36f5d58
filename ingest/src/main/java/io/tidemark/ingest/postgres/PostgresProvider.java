package io.tidemark.ingest.postgres;

import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceProvider;
import io.tidemark.ingest.SourceSettings;

/** Makes PostgreSQL sources. Found by {@link java.util.ServiceLoader}. */
public final class PostgresProvider implements SourceProvider {
    @Override
    public String engine() {
        return "postgresql";
    }

    @Override
    public Source open(SourceSettings settings) {
        return new PostgresSource(settings);
    }
}
