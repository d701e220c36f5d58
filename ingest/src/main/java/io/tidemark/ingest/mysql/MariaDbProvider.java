package io.tidemark.ingest.mysql;

import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceProvider;
import io.tidemark.ingest.SourceSettings;
import io.tidemark.mysql.Dialect;

/** Makes MariaDB sources. */
public final class MariaDbProvider implements SourceProvider {
    @Override
    public String engine() {
        return Dialect.MARIADB.engine();
    }

    @Override
    public Source open(SourceSettings settings) {
        return new BinlogSource(settings);
    }
}
