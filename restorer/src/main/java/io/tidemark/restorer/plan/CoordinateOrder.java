package io.tidemark.restorer.plan;

import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.Dialect;
import io.tidemark.postgres.Lsn;
import java.util.Comparator;

/** How an engine's own log coordinates are ordered. */
final class CoordinateOrder {
    private CoordinateOrder() {}

    /**
     * The order of an engine.
     *
     * @throws TidemarkException of kind USAGE if its coordinates have none
     */
    static Comparator<String> of(String engine) {
        if (engine.equals("postgresql")) {
            return Comparator.comparing(Lsn::parse);
        }
        if (Dialect.ofEngine(engine).isPresent()) {
            return Comparator.comparing(BinlogPlace::parse);
        }
        throw TidemarkException.usage(
                "the log of a source of engine " + engine + " has no places; use --to, --to-txid or --to-position");
    }
}
