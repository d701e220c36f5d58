/**
 * Debezium's engine as a source of changes, whatever the connector: it is started where the change log ends, and what it
 * hands out is taken by the thread that writes the log. Offsets and schema history of Debezium's own are not kept
 * anywhere.
 */
@NullMarked
package io.tidemark.ingest.debezium;

import org.jspecify.annotations.NullMarked;
