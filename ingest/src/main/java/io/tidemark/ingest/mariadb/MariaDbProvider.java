package io.tidemark.ingest.mariadb;

import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceProvider;
import io.tidemark.ingest.SourceSettings;

/** Makes MariaDB sources. */
public final class MariaDbProvider implements SourceProvider {
    @Override
    public String engine() {
        return "mariadb";
    }

    @Override
    public Source open(SourceSettings settings) {
        return new MariaDbSource(settings);
    }
}
