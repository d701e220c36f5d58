package io.tidemark.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresRelease;
import io.tidemark.testbed.postgres.PostgresServer;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No setting of a role or a database reaches what a session reads, means, or how long it lives. */
@Tag("full")
class SessionSettingsTest {
    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String database = Names.unique("settings");

    private static Set<String> harmless() throws Exception {
        try (InputStream list =
                Objects.requireNonNull(SessionSettingsTest.class.getResourceAsStream("harmless-settings.txt"))) {
            return new HashSet<>(new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList());
        }
    }

    /** Whoever meets a new server decides on each of its new settings. */
    @ParameterizedTest
    @EnumSource
    void everySettingThatASessionMayHaveIsSetOrKnownToBeHarmless(PostgresRelease release) throws Exception {
        PostgresServer server =
                release == PostgresRelease.V18 ? testbed.postgres() : testbed.ownPostgres(release, "settings");
        Set<String> known = harmless();
        known.addAll(SessionSettings.all().keySet());
        List<String> unknown = new ArrayList<>(List.of(server.value(
                        "postgres",
                        "SELECT string_agg(name, ' ' ORDER BY name) FROM pg_settings WHERE context IN ('user', 'superuser')")
                .split(" ")));
        unknown.removeAll(known);

        assertThat(unknown)
                .as("settings of " + release + " that nobody has decided on")
                .isEmpty();
    }

    @Test
    void whatARoleAndADatabaseSetIsSetBack() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(database);
        server.execute("postgres", "CREATE ROLE " + database + " SUPERUSER LOGIN");
        Map<String, String> hostile = Map.of(
                "DateStyle", "German",
                "IntervalStyle", "sql_standard",
                "TimeZone", "Asia/Tokyo",
                "bytea_output", "escape",
                "standard_conforming_strings", "off",
                "default_transaction_read_only", "on",
                "session_replication_role", "replica",
                "statement_timeout", "5s",
                "idle_session_timeout", "5s",
                "transaction_timeout", "5s");
        for (Map.Entry<String, String> setting : hostile.entrySet()) {
            server.execute(
                    "postgres",
                    (setting.getKey().length() % 2 == 0 ? "ALTER ROLE " : "ALTER DATABASE ") + database + " SET "
                            + setting.getKey() + " = '" + setting.getValue() + "'");
        }
        String url = server.url(database).replaceFirst("//[^@]*@", "//" + database + "@");
        PostgresConnections connections = new PostgresConnections("test", url, Optional.empty());
        for (Connection opened : List.of(connections.sql(), connections.replication())) {
            try (Connection sql = opened) {
                for (String name : hostile.keySet()) {
                    assertThat(Queries.value(sql, "SELECT setting FROM pg_settings WHERE name = '" + name + "'"))
                            .as(name)
                            .hasValue(SessionSettings.all().get(name));
                }
            }
        }
    }
}
