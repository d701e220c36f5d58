/**
 * Captures MariaDB databases: reads the binary log through Debezium's connector, decodes it exactly, and follows the
 * schema as it changes.
 */
@NullMarked
package io.tidemark.ingest.mariadb;

import org.jspecify.annotations.NullMarked;
