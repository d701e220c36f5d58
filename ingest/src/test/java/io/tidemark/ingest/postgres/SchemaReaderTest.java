package io.tidemark.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Statements run in an order in which each finds what it needs, and before the rows only what must. */
class SchemaReaderTest {
    private static final String SCHEMA = """
            {"version": "15", "tables": [],
             "objects": [
               {"place": 70, "phase": "a", "node": "view", "object": "view v", "aspect": "d", "statement": "view"},
               {"place": 51, "phase": "b", "node": "table", "object": "table s.t", "namespace": "s", "name": "t", "aspect": "t", "statement": "table"},
               {"place": 40, "phase": "a", "node": "needed", "object": "function needed", "aspect": "d", "statement": "needed"},
               {"place": 40, "phase": "a", "node": "needing", "object": "function needing", "aspect": "d", "statement": "needing"},
               {"place": 64, "phase": "a", "node": "index", "object": "index i", "namespace": "s", "name": "t", "aspect": "d", "statement": "index"},
               {"place": 10, "phase": "b", "node": "schema", "object": "schema s", "aspect": "d", "statement": "schema"}],
             "dependencies": [["table", "needed"], ["table", "schema"], ["needing", "view"], ["view", "table"], ["unknown", "table"]]}
            """;

    private final SourceSchema schema = SchemaReader.parse(SCHEMA.getBytes(StandardCharsets.UTF_8));

    @Test
    void dependenciesComeFirstAndPlacesDecideTheRest() {
        assertThat(schema.statements())
                .extracting(Statement::text)
                .containsExactly("schema", "needed", "table", "index", "view", "needing");
    }

    @Test
    void whatTheTableNeedsComesBeforeTheRowsAndNothingElseOfItsKind() {
        assertThat(schema.statements())
                .filteredOn(statement -> statement.phase() == Phase.BEFORE_ROWS)
                .extracting(Statement::text)
                .containsExactly("schema", "needed", "table");
    }

    @Test
    void needsAreToldByPlace() {
        assertThat(schema.statements())
                .extracting(Statement::needs)
                .containsExactly(List.of(), List.of(), List.of(0, 1), List.of(2), List.of(2), List.of(4));
    }
}
