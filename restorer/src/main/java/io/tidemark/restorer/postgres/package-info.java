/** PostgreSQL as a target: schema, COPY in parallel, then indexes and constraints. */
@NullMarked
package io.tidemark.restorer.postgres;

import org.jspecify.annotations.NullMarked;
