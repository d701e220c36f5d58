/**
 * Captures databases of MariaDB and MySQL: reads the binary log through Debezium's connectors, decodes it exactly, and
 * follows the schema as it changes. What the two differ in stands in {@link io.tidemark.ingest.mysql.ServerDialect}.
 */
@NullMarked
package io.tidemark.ingest.mysql;

import org.jspecify.annotations.NullMarked;
