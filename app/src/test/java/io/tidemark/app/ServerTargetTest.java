package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.runtime.Engines;
import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Encoding;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.restorer.RowLoader;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetSettings;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a target of MariaDB or MySQL does with rows that its table has no place for. */
@Tag("full")
class ServerTargetTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");

    /** {@code LOAD DATA LOCAL} cuts it off and goes on with a warning. */
    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void aValueThatDoesNotFitEndsTheLoadAndNothingIsLoaded(SqlProduct product) throws Exception {
        RowSchema rows = new RowSchema(
                "1",
                new CollectionName(shop, "narrow"),
                List.of(new Column(1, "t", "varchar(9)", Encoding.TEXT)),
                List.of());
        SqlServer server = testbed.sql(product);
        server.createDatabase(shop);
        server.execute(shop, "CREATE TABLE narrow (t varchar(3))");
        try (Target target = Engines.target(product.scheme(), new TargetSettings(server.url(shop), Optional.empty()))) {
            try (RowLoader loader = target.loader(rows)) {
                loader.accept(new ByteSink(0), row(rows, "abc"), 1, 0, 1);
                loader.accept(new ByteSink(0), row(rows, "abcd"), 2, 0, 1);

                assertThatThrownBy(() -> loader.complete(step -> {}))
                        .isInstanceOf(TidemarkException.class)
                        .hasMessageContaining("cannot load " + shop + ".narrow")
                        .hasMessageContaining("Data truncated for column 't' at row 2");
            }
            target.finish();
        }
        assertThat(server.value(shop, "SELECT count(*) FROM narrow")).isEqualTo("0");
    }

    private static ByteSink row(RowSchema rows, String text) {
        ByteSink row = new ByteSink(16);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        new RowCodec(rows).writeText(0, bytes, 0, bytes.length, row);
        return row;
    }
}
