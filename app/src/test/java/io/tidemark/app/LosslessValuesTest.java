package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Values and objects of a schema come back as they were, whether copied at first or streamed later. */
class LosslessValuesTest {
    private static final String SCHEMA = """
            CREATE SCHEMA "Odd Näme";
            CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
            CREATE DOMAIN positive AS int CHECK (VALUE > 0);
            CREATE TYPE address AS (street text, no int);
            CREATE TABLE every_type (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                i2 smallint, i4 int, i8 bigint, n numeric, n2 numeric(12, 4), f4 real, f8 double precision, m money, b boolean,
                t text, c char(7), v varchar(20), by bytea, d date, ti time, tz timetz, ts timestamp, tsz timestamptz, iv interval,
                u uuid, j json, jb jsonb, ip inet, ci cidr, mac macaddr, bits bit(5), vb bit varying, p point, pol polygon,
                tsv tsvector, r int4range, mr nummultirange, a int[], aa text[], mo mood, moods mood[], dom positive, ad address, ads address[],
                l pg_lsn, o oid, x xml,
                twice bigint GENERATED ALWAYS AS (i4::bigint * 2) STORED);
            CREATE TABLE "Odd Näme"."täble ""q""\" ("kéy ""1" text, "Sélect" int, PRIMARY KEY ("kéy ""1"));
            CREATE TABLE without_key (a int, b text);
            ALTER TABLE without_key REPLICA IDENTITY FULL;
            CREATE TABLE by_index (a int NOT NULL, b text);
            CREATE UNIQUE INDEX by_index_a ON by_index (a);
            ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_a;
            CREATE TABLE part (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
            CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b = NEW.b || '!'; RETURN NEW; END $$;
            CREATE TRIGGER note BEFORE INSERT ON without_key FOR EACH ROW EXECUTE FUNCTION note();
            CREATE SEQUENCE lonely INCREMENT 5 START 100;
            """;

    private static final String ROWS = """
            INSERT INTO every_type (i2, i4, i8, n, n2, f4, f8, m, b, t, c, v, by, d, ti, tz, ts, tsz, iv, u, j, jb, ip, ci, mac, bits, vb, p, pol,
                tsv, r, mr, a, aa, mo, moods, dom, ad, ads, l, o, x) VALUES
            (-32768, -2147483648, -9223372036854775808, 'NaN', -0.0001, '-Infinity', 1e-300, '-1.50', true, E'tab\\t nl\\n cr\\r bs\\\\ \\\\N é 𝄞', 'ab',
             '', '\\x00ff5c0a', '4713-01-01 BC', '24:00', '12:34:56.789+05:30', '0001-01-01 BC', 'infinity', '-1 year 2 mons -3 days 04:05:06.000007',
             '00000000-0000-0000-0000-000000000001', '{"a":1,"a":  2}', '{"b": [1, null]}', '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '10101', '',
             '(1.5,-2)', '((0,0),(1,1),(1,0))', $$'fat':2,4 'rat':3A$$, '[1,10)', '{[1.5,2),(3,)}', '[2:3]={1,NULL}', '{{"a","b"},{"c\\"","NULL"}}',
             'it''s ok', '{sad,happy}', 7, '("x, y",1)', '{"(a,1)","(,)"}', '16/B374D848', 4294967295, '<a b="1">t</a>'),
            (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (0, 0, 0, 1e100 + 0.000000000000000000001, 0, 'NaN', '-0', 0, false, '', '', 'x', '', '-infinity', '00:00', '00:00-15:59', 'infinity',
             '2038-01-19 03:14:08.000001+00', '0', NULL, 'null', 'null', '0.0.0.0', '::/0', 'ff:ff:ff:ff:ff:ff', '00000', '1', '(0,0)', '((0,0))', '',
             'empty', '{}', '{}', '{""}', 'happy', '{}', 1, '(,)', '{}', '0/0', 0, '');
            INSERT INTO "Odd Näme"."täble ""q""\" VALUES ('o''k ' || random(), 1);
            INSERT INTO without_key SELECT 1, 'same' FROM generate_series(1, 3);
            INSERT INTO without_key VALUES (2, NULL);
            INSERT INTO by_index SELECT coalesce(max(a), 0) + 1, 'by index' FROM by_index;
            INSERT INTO part SELECT coalesce(max(id), 0) + 1, '2020-06-01' FROM part;
            """;

    private static final String CHANGES = """
            DELETE FROM without_key WHERE ctid = (SELECT min(ctid) FROM without_key WHERE a = 1);
            UPDATE without_key SET b = 'other' WHERE ctid = (SELECT min(ctid) FROM without_key WHERE a = 1);
            UPDATE part SET at = '2021-06-01' WHERE id = 1;
            UPDATE by_index SET a = a + 100 WHERE a = 1;
            UPDATE every_type SET t = t || 'more' WHERE id = 1;
            SELECT nextval('lonely'), nextval('lonely');
            """;

    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String restored = Names.unique("restored");
    private final String original = Names.unique("original");

    @Test
    void copiedAndStreamedValuesComeBackByteForByte() throws Exception {
        Installation tidemark = Installation.in(testbed);
        PostgresServer server = testbed.postgres();
        server.createDatabase(original);
        server.execute(original, SCHEMA, ROWS);
        tidemark.withSource(original, server.url(original));
        DatabaseDump last;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(original);
            server.execute(original, ROWS, CHANGES);
            last = tidemark.dump(server, original);
        }

        assertThat(last.difference(tidemark.restore(server, restored))).isEmpty();
        tidemark.must("create", "--offline");
        assertThat(last.difference(tidemark.restore(server, restored))).isEmpty();

        assertThat(server.value(restored, "SELECT nextval('lonely')")).isEqualTo("110");
        assertThat(server.value(restored, "SELECT nextval(pg_get_serial_sequence('every_type', 'id'))"))
                .isEqualTo("7");
        assertThat(
                        server.value(
                                restored,
                                "SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint WHERE connamespace::regnamespace::text !~ '^(tidemark_|pg_)' AND contype <> 'n'"))
                .isEqualTo(
                        server.value(
                                original,
                                "SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint WHERE connamespace::regnamespace::text !~ '^(tidemark_|pg_)' AND contype <> 'n'"));
    }

    @Test
    void restoresOnlyTheTablesThatAreAskedFor() throws Exception {
        Installation tidemark = Installation.in(testbed);
        PostgresServer server = testbed.postgres();
        server.createDatabase(original);
        server.execute(original, SCHEMA, ROWS);
        tidemark.withSource(original, server.url(original));
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(original);
        }

        tidemark.restore(server, restored, "--table", "by_index", "--table", "without_key");

        assertThat(
                        server.value(
                                restored,
                                "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"))
                .isEqualTo("by_index,without_key");
        assertThat(server.value(restored, "SELECT count(*) FROM without_key")).isEqualTo("4");
    }
}
