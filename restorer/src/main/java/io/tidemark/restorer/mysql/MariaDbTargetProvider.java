package io.tidemark.restorer.mysql;

import io.tidemark.mysql.Dialect;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetProvider;
import io.tidemark.restorer.TargetSettings;

/** Makes MariaDB targets. */
public final class MariaDbTargetProvider implements TargetProvider {
    @Override
    public String engine() {
        return Dialect.MARIADB.engine();
    }

    @Override
    public Target open(TargetSettings settings) {
        return new ServerTarget(settings);
    }
}
