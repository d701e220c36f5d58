/** Services inside the process: a Kafka broker, a schema registry, a PostgreSQL server for the demo. */
@NullMarked
package io.tidemark.app.embedded;

import org.jspecify.annotations.NullMarked;
