package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every type of MariaDB and MySQL comes back as it was, whether the initial copy or the binary log brought it. */
@Tag("full")
class BinlogValuesTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    /** A type, and values as literals. */
    private record Type(Set<SqlProduct> dialects, String definition, String... values) {
        Type(String definition, String... values) {
            this(Set.of(SqlProduct.values()), definition, values);
        }

        Type(SqlProduct product, String definition, String... values) {
            this(Set.of(product), definition, values);
        }
    }

    private static final List<Type> ALL_TYPES = List.of(
            new Type("tinyint", "-128", "127", "0"),
            new Type("tinyint unsigned", "255", "128"),
            new Type("smallint unsigned", "65535"),
            new Type("mediumint", "-8388608", "8388607"),
            new Type("mediumint unsigned", "16777215"),
            new Type("int", "-2147483648", "2147483647"),
            new Type("int unsigned zerofill", "4294967295", "7"),
            new Type("bigint", "-9223372036854775808", "9223372036854775807"),
            new Type("bigint unsigned", "18446744073709551615", "0"),
            new Type("boolean", "true", "false"),
            new Type("decimal(65,30)", "12345678901234567890123456789012345.123456789012345678901234567891", "-0.5"),
            new Type("decimal(10,0)", "-9999999999", "0"),
            new Type("decimal(5,2) unsigned", "999.99"),
            new Type("float", "3.14159265", "-1e-38", "3.4028234e38", "16777217", "0"),
            new Type("double", "3.141592653589793", "-1.7976931348623157e308", "2.2250738585072014e-308", "0.1"),
            new Type("bit(1)", "b'1'", "b'0'"),
            new Type("bit(9)", "b'100000001'"),
            new Type("bit(64)", "b'1111111111111111111111111111111111111111111111111111111111111111'"),
            new Type("date", "'1000-01-01'", "'9999-12-31'", "'0000-00-00'", "'2020-00-00'", "'2020-02-00'"),
            new Type("datetime", "'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'", "'2020-00-01 01:02:03'"),
            new Type("datetime(6)", "'9999-12-31 23:59:59.999999'", "'0000-00-00 00:00:00'"),
            new Type("datetime(3)", "'2024-02-29 12:34:56.789'"),
            new Type("datetime(1)", "'2024-02-29 12:34:56.7'"),
            new Type("timestamp null", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'0000-00-00 00:00:00'"),
            new Type("timestamp(6) null", "'2024-02-29 12:34:56.000001'", "'0000-00-00 00:00:00'"),
            new Type("time", "'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:01'"),
            new Type("time(1)", "'-00:00:00.1'", "'-12:34:56.7'"),
            new Type("time(3)", "'-838:59:58.123'", "'-00:00:00.001'", "'01:02:03.999'"),
            new Type("time(6)", "'-838:59:58.999999'", "'-00:00:00.000001'", "'838:59:58.000001'"),
            new Type("year", "1901", "2155", "0"),
            new Type("char(10)", "'a'", "''", "'ä😀'", "'trailing  '"),
            new Type("char(10) character set latin1", "'é€'", "''"),
            new Type("varchar(300)", "'tab\\tnewline\\nquote\\'back\\\\slash\\0zero'", "''", "repeat('x', 300)"),
            new Type("varchar(50) character set latin1 collate latin1_german2_ci", "'Straße €'"),
            new Type("varchar(50) character set utf16", "'😀 utf16'"),
            new Type("varchar(50) character set ucs2", "'ucs2 ä'"),
            new Type("varchar(50) character set utf32", "'utf32 😀'"),
            new Type("varchar(50) character set sjis", "'日本語 表'"),
            new Type("varchar(50) character set gbk", "'中文'"),
            new Type("varchar(50) character set big5", "'中文'"),
            new Type("varchar(50) character set cp1251", "'Привет'"),
            new Type("varchar(50) character set koi8r", "'Привет'"),
            new Type("varchar(50) character set ascii", "'plain'"),
            new Type("varchar(50) character set utf8mb3", "'drei ä'"),
            new Type("tinytext", "'t'"),
            new Type("text character set cp1250", "'Žluťoučký kůň'"),
            new Type("mediumtext", "repeat('medium', 20000)"),
            new Type("longtext", "repeat('ä', 100000)"),
            new Type("json", "'{\"b\": 1, \"a\":  [1, 2.50, null]}'"),
            new Type(
                    SqlProduct.MYSQL,
                    "json",
                    "'null'",
                    "'[]'",
                    "'{\"\": {}, \"a\": []}'",
                    "'\"quote \\\\\" slash \\\\\\\\ line \\\\n tab \\\\t bell \\\\u0007 ä 😀\"'",
                    "'[true, false, 0, -1, 32768, -32769, 2147483648, 9223372036854775807, 18446744073709551615]'",
                    "'[0.1, -0.0, 1e100, 1.5e-7, 123456789012345.0, 1234567890123456.0, 1e15, 1e14, 1e-14, 1e-15, 1e-16, 2e-3]'",
                    "'[5e-324, 1.7976931348623157e308, 0.00012345678901234567, 0.000012345678901234567, 2e23, 9007199254740993.0]'",
                    numbers(),
                    "json_array(cast('2020-01-01 10:00:00.5' as datetime(3)), date('2020-02-03'), cast('1999-12-31 23:59:59' as datetime))",
                    "json_array(cast('-00:00:01.5' as time(1)), cast('-12:34:56.000001' as time(6)), cast('100:00:00' as time))",
                    "json_object('binary', cast('abc' as binary), 'bit', b'101', 'point', point(1, 2))",
                    "concat('[', repeat('{\"key\": \"value\"}, ', 5000), '1]')"),
            new Type("binary(4)", "'ab'", "x'00ff0000'", "''"),
            new Type("varbinary(300)", "x'00ff5c0a0d09'", "''"),
            new Type("tinyblob", "x'00'"),
            new Type("blob", "x'0001ff27225c'"),
            new Type("longblob", "repeat(x'00ff', 50000)"),
            new Type("enum('a','b,c','it''s','ö')", "'a'", "'b,c'", "'it''s'", "'ö'"),
            new Type("enum('é','x') character set latin1", "'é'"),
            new Type("set('a','b','it''s')", "''", "'a,b'", "'it''s,b'"),
            new Type(
                    SqlProduct.MARIADB,
                    "uuid",
                    "'123e4567-e89b-12d3-a456-426655440000'",
                    "'00000000-0000-0000-0000-000000000000'"),
            new Type(SqlProduct.MARIADB, "inet4", "'192.0.2.1'", "'0.0.0.0'"),
            new Type(
                    SqlProduct.MARIADB,
                    "inet6",
                    "'2001:db8::ff00:42:8329'",
                    "'::'",
                    "'::ffff:192.0.2.1'",
                    "'2001:db8:0:0:1:0:0:1'",
                    "'2001:db8:0:1:1:1:1:1'",
                    "'::5.6.7.8'",
                    "'1:0:0:2:0:0:0:3'",
                    "'1::'",
                    "'0:1:2:3:4:5:6:7'",
                    "'1:2:3:4:5:6:7:0'",
                    "'::2'",
                    "'0:0:0:0:0:1:0:ff'",
                    "'ffff::'"),
            new Type("point", "ST_GeomFromText('POINT(1 -2.5)', 4326)"),
            new Type("geometry", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))')"),
            new Type("polygon", "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')"));

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void everyTypeComesBackFromTheCopyAndFromTheBinaryLog(SqlProduct product) throws Exception {
        SqlServer server = testbed.sql(product);
        server.createDatabase(shop);
        List<Type> types = ALL_TYPES.stream()
                .filter(type -> type.dialects().contains(product))
                .toList();
        List<String> tables = tables(types, product);
        server.execute(shop, tables.toArray(new String[0]));
        server.execute(shop, rows(types, 0).toArray(new String[0]));
        Installation tidemark = Installation.in(testbed).set("audit.enabled", "true");
        tidemark.withSource(shop, server.url(shop));
        SqlDump copied;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            copied = SqlDump.of(server, shop);
            server.execute(shop, rows(types, 100).toArray(new String[0]));
            server.execute(shop, changes(types).toArray(new String[0]));
            tidemark.must("create", "--incremental", "--wait", "60");
            // The binary log's rows are, byte by byte, what reading the tables gives.
            assertThat(tidemark.must("verify", shop, "--against-source").err()).doesNotContain("differ");
        }
        SqlDump changed = SqlDump.of(server, shop);

        assertThat(copied.difference(tidemark.restoreForSqlDump(server, restored, "--to-binlog", copied.place())))
                .isEmpty();
        tidemark.must("restore", "--target", server.url(restored), "--allow-clear", "--yes");
        assertThat(changed.difference(SqlDump.of(server, restored))).isEmpty();
    }

    /** A document of random numbers, of those that the server's own reader of texts does not round. */
    private static String numbers() {
        Random random = Seed.random();
        List<String> numbers = new ArrayList<>();
        while (numbers.size() < 2_000) {
            numbers.add(Double.toString(random.nextInt(1_000_000) / Math.pow(10, random.nextInt(20))));
        }
        return "'" + numbers + "'";
    }

    private static List<String> tables(List<Type> types, SqlProduct product) {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            statements.add("CREATE TABLE t" + i + " (id int PRIMARY KEY, v "
                    + types.get(i).definition() + ")");
        }
        statements.add("CREATE TABLE odd (a int, hidden int " + (product == SqlProduct.MARIADB ? "INVISIBLE " : "")
                + "DEFAULT 3, twice int AS (a * 2) VIRTUAL, "
                + "more int AS (a + 1) STORED, `sp ``ace` varchar(10), KEY (twice))");
        return statements;
    }

    private static List<String> rows(List<Type> types, int from) {
        List<String> statements =
                new ArrayList<>(List.of("SET sql_mode = 'ALLOW_INVALID_DATES'", "SET time_zone = '+00:00'"));
        for (int i = 0; i < types.size(); i++) {
            int id = from;
            statements.add("INSERT INTO t" + i + " VALUES (" + id++ + ", NULL)");
            for (String value : types.get(i).values()) {
                statements.add("INSERT INTO t" + i + " VALUES (" + id++ + ", " + value + ")");
            }
        }
        statements.add("INSERT INTO odd (a, `sp ``ace`) VALUES (" + from + ", 'x'), (" + from + ", 'x'), (NULL, NULL)");
        return statements;
    }

    private static List<String> changes(List<Type> types) {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            statements.add("UPDATE t" + i + " SET id = id + 1000 WHERE id IN (1, 101)");
            statements.add("DELETE FROM t" + i + " WHERE id = 0");
        }
        statements.add("UPDATE odd SET a = 5, hidden = 4 WHERE a = 100 LIMIT 1");
        statements.add("DELETE FROM odd WHERE a = 0 LIMIT 1");
        return statements;
    }
}
