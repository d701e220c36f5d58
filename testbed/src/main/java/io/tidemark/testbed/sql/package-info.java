/** Servers of MariaDB and MySQL. Entry point: {@link io.tidemark.testbed.sql.SqlServer}. */
@org.jspecify.annotations.NullMarked
package io.tidemark.testbed.sql;
