package io.tidemark.mysql;

import java.util.Arrays;
import java.util.Optional;

/** Which of the servers that speak MySQL's language it is, where both sides of a backup need to know. */
public enum Dialect {
    MARIADB("mariadb", "MariaDB", "max_statement_time = 0"),
    /** Its statistics, counters among them, are a day old unless they are asked for anew. */
    MYSQL("mysql", "MySQL", "max_execution_time = 0, information_schema_stats_expiry = 0");

    private final String engine;
    private final String title;
    private final String settings;

    Dialect(String engine, String title, String settings) {
        this.engine = engine;
        this.title = title;
        this.settings = settings;
    }

    /** The one of an engine's name, which is the scheme of its addresses too; empty if it is none of these. */
    public static Optional<Dialect> ofEngine(String name) {
        return Arrays.stream(values())
                .filter(dialect -> dialect.engine.equals(name))
                .findFirst();
    }

    /** The engine's name in backups and addresses: {@code mariadb}. */
    public String engine() {
        return engine;
    }

    /** How people call it. */
    public String title() {
        return title;
    }

    /** What a connection sets that the other kind of server does not know. */
    String settings() {
        return settings;
    }
}
