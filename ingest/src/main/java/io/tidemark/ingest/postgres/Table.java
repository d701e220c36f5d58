package io.tidemark.ingest.postgres;

import io.tidemark.model.CollectionName;

/**
 * A table that holds rows: an ordinary table or a partition.
 *
 * @param identity how old rows are told apart: d(efault), n(othing), f(ull), i(ndex)
 * @param hasIdentity whether the server can tell old rows apart as it is
 * @param pages its size in pages of the server, about
 */
record Table(long oid, CollectionName name, char identity, boolean hasIdentity, long pages) {}
