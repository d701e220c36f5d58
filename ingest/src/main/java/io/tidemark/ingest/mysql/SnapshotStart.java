package io.tidemark.ingest.mysql;

import io.tidemark.mysql.BinlogPlace;

/**
 * What a snapshot shows: everything before a place.
 *
 * @param gtids the last GTID of each domain before the place, separated by commas; empty text if reading goes on by place
 * @param server which server's log it is; empty text if the GTIDs tell
 */
record SnapshotStart(BinlogPlace place, String gtids, String server) {}
