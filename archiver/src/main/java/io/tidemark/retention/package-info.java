/**
 * What is kept and what goes: {@link io.tidemark.retention.RetentionPlan} decides, from the catalog alone; {@link
 * io.tidemark.retention.Pruner} carries it out, and is the only one who deletes objects. Knows no database.
 */
@NullMarked
package io.tidemark.retention;

import org.jspecify.annotations.NullMarked;
