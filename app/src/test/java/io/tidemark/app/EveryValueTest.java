package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.PgDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every type at its extremes, on each way that a value can take into a backup: the initial copy, an insert, an update, an
 * update that leaves other columns out, a row read again when its table is rewritten, a default of rows from before.
 */
@Tag("full")
class EveryValueTest {
    private static final Map<String, List<String>> VALUES = new LinkedHashMap<>();

    static {
        VALUES.put("smallint", List.of("-32768", "32767", "0"));
        VALUES.put("int", List.of("-2147483648", "2147483647"));
        VALUES.put("bigint", List.of("-9223372036854775808", "9223372036854775807"));
        VALUES.put(
                "numeric",
                List.of(
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "-0.000",
                        "1" + "0".repeat(999),
                        "0." + "1234567890".repeat(100),
                        "1.10"));
        VALUES.put("numeric(12,4)", List.of("NaN", "99999999.9999", "0.0001"));
        VALUES.put("real", List.of("NaN", "Infinity", "-Infinity", "-0", "1.17549435e-38", "3.4028235e38", "0.1"));
        VALUES.put("float8", List.of("NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e308", "0.1"));
        VALUES.put("money", List.of("-92233720368547758.08", "92233720368547758.07", "0"));
        VALUES.put("boolean", List.of("true", "false"));
        VALUES.put(
                "text",
                List.of(
                        "",
                        " ",
                        "\\N",
                        "\\",
                        "a\tb\nc\rd\be\ff\u000bg",
                        "\u0001\u007f",
                        "é𝄞 \u200b",
                        "\"q\" 'a' (x,y) {z}",
                        "NULL"));
        VALUES.put("char(5)", List.of("", "ab", "  x"));
        VALUES.put("char(3)[]", List.of("{a,\"b \",NULL}"));
        VALUES.put("varchar(3)", List.of("", "x  "));
        VALUES.put("\"char\"", List.of("a", ""));
        VALUES.put("name", List.of("a name"));
        VALUES.put("bytea", List.of("\\x", "\\x00", "\\x000102ff5c27220a"));
        VALUES.put(
                "date",
                List.of("infinity", "-infinity", "4713-01-01 BC", "5874897-12-31", "0001-12-31 BC", "2000-02-29"));
        VALUES.put("time", List.of("00:00:00", "24:00:00", "23:59:59.999999"));
        VALUES.put("timetz", List.of("00:00:00+15:59:59", "24:00:00-15:59:59", "12:34:56.000001+05:30"));
        VALUES.put(
                "timestamp",
                List.of(
                        "infinity",
                        "-infinity",
                        "4713-01-01 00:00:00 BC",
                        "294276-12-31 23:59:59.999999",
                        "0001-01-01 00:00:00.000001 BC",
                        "1999-12-31 23:59:59.999999"));
        VALUES.put(
                "timestamptz",
                List.of(
                        "infinity",
                        "-infinity",
                        "4713-01-01 00:00:00+00 BC",
                        "294276-12-31 23:59:59.999999+00",
                        "2024-03-31 01:30:00.5+13:45"));
        VALUES.put("timestamp(0)", List.of("2024-01-01 00:00:00.5"));
        VALUES.put(
                "interval",
                List.of(
                        "178000000 years",
                        "-178000000 years",
                        "1 year -2 mons 3 days -04:05:06.000007",
                        "0",
                        "-00:00:00.000001",
                        "00:00:01.5 ago"));
        VALUES.put("interval day to second(2)", List.of("3 days 04:05:06.789"));
        VALUES.put("uuid", List.of("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"));
        VALUES.put("json", List.of("{\"b\":1, \"a\":2,\"b\" :  3}", "null", " [1 ,2] ", "\"\\u00e9\\\\\""));
        VALUES.put("jsonb", List.of("{\"b\":1,\"a\":1e400}", "null", "[]", "\"\\u00e9\\\"\""));
        VALUES.put("jsonpath", List.of("$.a[*] ? (@ > 1)", "strict $.\"x y\""));
        VALUES.put("xml", List.of("", "text", "<a b=\"1\">t &amp; <c/></a>", "<?xml version=\"1.0\"?><a/>"));
        VALUES.put("inet", List.of("0.0.0.0", "10.1.2.3/8", "::1", "2001:db8::/32", "255.255.255.255/32"));
        VALUES.put("cidr", List.of("10.0.0.0/8", "::/0", "10.0.0.1/32"));
        VALUES.put("macaddr", List.of("08:00:2b:01:02:03"));
        VALUES.put("macaddr8", List.of("08:00:2b:01:02:03:04:05"));
        VALUES.put("bit(3)", List.of("101", "000"));
        VALUES.put("bit varying", List.of("", "1", "0".repeat(70)));
        VALUES.put("point", List.of("(1.5,-0)", "(NaN,Infinity)"));
        VALUES.put("line", List.of("{1,-2,3}"));
        VALUES.put("lseg", List.of("[(0,0),(1e-300,1)]"));
        VALUES.put("box", List.of("(1,1),(0,0)"));
        VALUES.put("box[]", List.of("{(1,1),(0,0);(2,2),(1,1)}"));
        VALUES.put("path", List.of("[(0,0),(1,1)]", "((0,0),(1,1))"));
        VALUES.put("polygon", List.of("((0,0),(1,1),(1,0))"));
        VALUES.put("circle", List.of("<(1,2),3>"));
        VALUES.put("tsvector", List.of("", "'a':1A,2B 'it''s \\\\ x':3"));
        VALUES.put("tsquery", List.of("", "'fat' & !( 'rat' <2> 'c':*AB )"));
        VALUES.put("int4range", List.of("empty", "(,)", "[1,10)"));
        VALUES.put("numrange", List.of("[1.50,2.0]", "(,3)"));
        VALUES.put("tsrange", List.of("[\"2020-01-01 00:00:00\",infinity)"));
        VALUES.put("tstzrange", List.of("[\"2020-01-01 00:00:00+02\",)"));
        VALUES.put("daterange", List.of("[2020-01-01,infinity]"));
        VALUES.put("int8multirange", List.of("{}", "{[1,3),[5,)}"));
        VALUES.put("tstzmultirange", List.of("{[\"2020-01-01 00:00:00+00\",\"2021-01-01 00:00:00+00\")}"));
        VALUES.put("int[]", List.of("{}", "{NULL}", "{{1,2},{3,NULL}}", "[-1:0][2:3]={{1,2},{3,4}}"));
        VALUES.put("text[]", List.of("{\"\",NULL,\"NULL\",\"a,b\",\"{\",\"\\\"\",\"\\\\\",\" x \"}"));
        VALUES.put("bytea[]", List.of("{\"\\\\x00ff\",NULL}"));
        VALUES.put("timestamptz[]", List.of("{infinity,\"0044-03-15 12:00:00+00 BC\"}"));
        VALUES.put("oid", List.of("0", "4294967295"));
        VALUES.put("xid", List.of("4294967295"));
        VALUES.put("xid8", List.of("18446744073709551615"));
        VALUES.put("cid", List.of("1"));
        VALUES.put("tid", List.of("(4294967295,65535)"));
        VALUES.put("pg_lsn", List.of("0/0", "FFFFFFFF/FFFFFFFF"));
        VALUES.put("pg_snapshot", List.of("10:20:10,14,15"));
        VALUES.put("oidvector", List.of("1 2 3", ""));
        VALUES.put("int2vector", List.of("-1 2"));
        VALUES.put("mood", List.of("sad", "it's, \"ok\"", "é"));
        VALUES.put("mood[]", List.of("{sad,\"it's, \\\"ok\\\"\"}"));
        VALUES.put("even", List.of("-2"));
        VALUES.put("pair", List.of("(1,\"x, \"\"y\"\" \\\\ z\")", "(,)", "(,\"\")"));
        VALUES.put("pair[]", List.of("{\"(1,\\\"a,b\\\")\",NULL,\"(,)\"}"));
        VALUES.put("nested", List.of("(\"(1,\"\"x y\"\")\",\"{1,2}\")"));
        VALUES.put("floatrange", List.of("[1.5,2]"));
        VALUES.put("hstore", List.of("", "\"a\"=>\"b\", \"c \\\"\"=>NULL"));
        VALUES.put("ltree", List.of("", "a.b_1.C"));
        VALUES.put("lquery", List.of("*.a|b{1,}.!c"));
        VALUES.put("citext", List.of("MiXed", ""));
        VALUES.put("cube", List.of("(1, 2),(3, 4)", "(0.1)"));
        VALUES.put("seg", List.of("1.5 .. 2.50", "~3"));
        VALUES.put("isbn", List.of("0-393-04002-X"));
    }

    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String database = Names.unique("source");
    private final String restored = Names.unique("restored");

    private static String column(int index) {
        return "c" + index;
    }

    private static String insert(int row) {
        String values = VALUES.values().stream()
                .map(list -> row < list.size() ? "'" + list.get(row).replace("'", "''") + "'" : "NULL")
                .collect(Collectors.joining(", "));
        return "INSERT INTO every (" + names() + ") VALUES (" + values + ")";
    }

    private static String names() {
        return IntStream.range(0, VALUES.size())
                .mapToObj(EveryValueTest::column)
                .collect(Collectors.joining(", "));
    }

    private static String[] inserts() {
        return IntStream.rangeClosed(0, 9).mapToObj(EveryValueTest::insert).toArray(String[]::new);
    }

    /** Makes changes while the database is captured, and restores it. */
    private void comesBack(PostgresServer server, String... changes) throws Exception {
        Installation tidemark = Installation.of(testbed, server, database).set("audit.enabled", "true");
        PgDump.Moment moment;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(database);
            server.execute(database, changes);
            moment = PgDump.moment(server, database);
            tidemark.must("create");
            // Tells what failed meanwhile, in audit topics for example.
            service.requestStop();
            service.await();
        }
        assertThat(tidemark.restoreForPgDump(server, restored).difference(moment.dump()))
                .isEmpty();
    }

    @Test
    void everyTypeAtItsExtremesOnEveryWay() throws Exception {
        List<String> types = List.copyOf(VALUES.keySet());
        String columns = IntStream.range(0, types.size())
                .mapToObj(i -> column(i) + " " + types.get(i))
                .collect(Collectors.joining(", "));
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(database);
        server.execute(
                database,
                "CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION citext; CREATE EXTENSION cube; CREATE EXTENSION seg; CREATE EXTENSION isn",
                "CREATE TYPE mood AS ENUM ('sad', 'it''s, \"ok\"', 'é'); CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0)",
                "CREATE TYPE pair AS (a int, b text); CREATE TYPE nested AS (p pair, a int[]); CREATE TYPE floatrange AS RANGE (SUBTYPE = float8)",
                "CREATE TABLE every (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, " + columns + ")");
        // The server stands somewhere; clients talk to it from elsewhere.
        server.execute(
                database,
                "ALTER DATABASE " + database + " SET timezone = 'Asia/Kathmandu'",
                "ALTER DATABASE " + database + " SET datestyle = 'German'",
                "ALTER DATABASE " + database + " SET intervalstyle = 'sql_standard'",
                "ALTER DATABASE " + database + " SET extra_float_digits = 0",
                "ALTER DATABASE " + database + " SET bytea_output = 'escape'");
        server.execute(database, inserts());
        Installation tidemark = Installation.of(testbed, server, database).set("audit.enabled", "true");
        PgDump.Moment streamed;
        PgDump.Moment rewritten;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(database);
            server.execute(database, inserts());
            server.execute(database, "UPDATE every SET c0 = 7 WHERE id < 15");
            for (int i = 0; i < types.size(); i++) {
                String value = VALUES.get(types.get(i)).get(0).replace("'", "''");
                server.execute(
                        database,
                        "ALTER TABLE every ADD COLUMN d" + i + " " + types.get(i) + " DEFAULT '" + value + "'");
            }
            server.execute(
                    database,
                    "BEGIN; SET LOCAL timezone = 'Asia/Tokyo'; SET LOCAL datestyle = 'German'; ALTER TABLE every ADD COLUMN elsewhere timestamptz DEFAULT '2020-02-03 04:05:06+00'; COMMIT");
            streamed = PgDump.moment(server, database);
            server.execute(
                    database,
                    "BEGIN; SET LOCAL timezone = 'Asia/Tokyo'; SET LOCAL bytea_output = escape; SET LOCAL intervalstyle = iso_8601; ALTER TABLE every ADD COLUMN last float8 DEFAULT random(); COMMIT");
            rewritten = PgDump.moment(server, database);
            tidemark.must("create", "--incremental");
        }

        assertThat(tidemark.restoreForPgDump(server, restored, "--to-lsn", streamed.lsn())
                        .difference(streamed.dump()))
                .isEmpty();
        assertThat(tidemark.restoreForPgDump(server, restored).difference(rewritten.dump()))
                .isEmpty();
        tidemark.must("create", "--offline");
        assertThat(tidemark.restoreForPgDump(server, restored).difference(rewritten.dump()))
                .isEmpty();
    }

    @Test
    void aDatabaseOfAnotherEncoding() throws Exception {
        PostgresServer server = testbed.postgresWithTools();
        server.execute("postgres", "CREATE DATABASE " + database + " ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'");
        server.execute(
                database,
                "CREATE TABLE \"tâble\" (id int PRIMARY KEY, \"tëxt\" text); INSERT INTO \"tâble\" VALUES (1, 'ÄÖÜ')");
        comesBack(
                server,
                "INSERT INTO \"tâble\" VALUES (2, 'éèê'); ALTER TABLE \"tâble\" ADD COLUMN \"dëfault\" text DEFAULT 'ß'",
                "CREATE SEQUENCE \"sëq\"; CREATE TABLE \"añother\" AS SELECT * FROM \"tâble\"; ALTER TABLE \"tâble\" ALTER COLUMN id TYPE text");
    }

    @Test
    void wideTablesLargeValuesAndTheEdgesOfTables() throws Exception {
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(database);
        String wide = IntStream.range(0, 1599).mapToObj(i -> "c" + i + " int").collect(Collectors.joining(", "));
        server.execute(
                database,
                "CREATE TABLE wide (id int PRIMARY KEY, " + wide
                        + "); INSERT INTO wide (id, c0, c1598) VALUES (1, 2, 3)",
                "CREATE TABLE large (id int PRIMARY KEY, t text, b bytea); ALTER TABLE large ALTER t SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL",
                "INSERT INTO large VALUES (1, repeat('0123456789abcdef', 1250000), NULL)",
                "CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES; ALTER TABLE nothing REPLICA IDENTITY FULL",
                "CREATE TABLE gone (a int, b text, c int PRIMARY KEY); INSERT INTO gone VALUES (1, 'x', 2); ALTER TABLE gone DROP COLUMN a; ALTER TABLE gone DROP COLUMN b",
                "CREATE TABLE one (id int PRIMARY KEY, other int); CREATE TABLE two (id int PRIMARY KEY, other int REFERENCES one DEFERRABLE INITIALLY DEFERRED)",
                "ALTER TABLE one ADD FOREIGN KEY (other) REFERENCES two DEFERRABLE INITIALLY DEFERRED",
                "BEGIN; INSERT INTO one VALUES (1, 1); INSERT INTO two VALUES (1, 1); COMMIT");
        comesBack(
                server,
                "INSERT INTO large SELECT 2, repeat('é', 10000000), decode(repeat('00ff5c', 7000000), 'hex')",
                "UPDATE large SET id = id + 10",
                "UPDATE wide SET c700 = 5; ALTER TABLE wide ALTER COLUMN c3 TYPE bigint",
                "INSERT INTO nothing DEFAULT VALUES; DELETE FROM nothing WHERE ctid = (SELECT min(ctid) FROM nothing)",
                "TRUNCATE one, two RESTART IDENTITY CASCADE; INSERT INTO gone VALUES (4)");
    }

    @Test
    void aBackupOf15RestoresInto18AndTheReverse() throws Exception {
        PostgresServer old = testbed.postgresWithTools();
        PostgresServer newest = testbed.postgres();
        for (PostgresServer source : List.of(old, newest)) {
            PostgresServer target = source == old ? newest : old;
            String name = Names.unique(source == old ? "from15" : "from18");
            source.createDatabase(name);
            source.execute(
                    name,
                    "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0)",
                    "CREATE TABLE part (id int GENERATED BY DEFAULT AS IDENTITY, at date NOT NULL, m mood, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                    "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
                    "CREATE TABLE t (id serial PRIMARY KEY, e even NOT NULL, n numeric(10,2) CHECK (n > 0), g int GENERATED ALWAYS AS (id * 2) STORED, x text COLLATE \"C\")",
                    "CREATE INDEX ON t (x, e); CREATE VIEW v AS SELECT id, n FROM t; CREATE STATISTICS s ON e, n FROM t",
                    "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT $1 + 1; END",
                    "GRANT SELECT ON t TO PUBLIC; COMMENT ON TABLE t IS 'it'",
                    "INSERT INTO t (e, n, x) SELECT 2 * g, g, 'x' FROM generate_series(1, 50) g; INSERT INTO part (at, m) VALUES ('2020-05-05', 'ok')");
            Installation tidemark = Installation.in(testbed, name).withSource(name, source.url(name));
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(name);
                source.execute(
                        name, "ALTER TABLE t ADD COLUMN later int DEFAULT 5", "UPDATE t SET n = n + 1 WHERE id < 10");
                tidemark.must("create", "--incremental");
            }
            assertThat(tidemark.dump(source, name).difference(tidemark.restore(target, "restored_" + name)))
                    .isEmpty();
            assertThat(target.value("restored_" + name, "SELECT obj_description('t'::regclass)"))
                    .isEqualTo("it");
            assertThat(target.value("restored_" + name, "SELECT count(*) FROM v WHERE f(id) > 1"))
                    .isEqualTo("50");
        }
    }
}
