package io.tidemark.restorer.postgres;

import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetProvider;
import io.tidemark.restorer.TargetSettings;

/** Makes PostgreSQL targets. Found by {@link java.util.ServiceLoader}. */
public final class PostgresTargetProvider implements TargetProvider {
    @Override
    public String engine() {
        return "postgresql";
    }

    @Override
    public Target open(TargetSettings settings) {
        return new PostgresTarget(settings);
    }
}
