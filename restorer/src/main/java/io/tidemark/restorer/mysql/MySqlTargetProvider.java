package io.tidemark.restorer.mysql;

import io.tidemark.mysql.Dialect;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetProvider;
import io.tidemark.restorer.TargetSettings;

/** Makes MySQL targets. */
public final class MySqlTargetProvider implements TargetProvider {
    @Override
    public String engine() {
        return Dialect.MYSQL.engine();
    }

    @Override
    public Target open(TargetSettings settings) {
        return new ServerTarget(settings);
    }
}
