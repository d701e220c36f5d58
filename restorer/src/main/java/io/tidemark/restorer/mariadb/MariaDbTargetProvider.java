package io.tidemark.restorer.mariadb;

import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetProvider;
import io.tidemark.restorer.TargetSettings;

/** Makes MariaDB targets. */
public final class MariaDbTargetProvider implements TargetProvider {
    @Override
    public String engine() {
        return "mariadb";
    }

    @Override
    public Target open(TargetSettings settings) {
        return new MariaDbTarget(settings);
    }
}
