package io.tidemark.ingest.mysql;

/**
 * What capturing a source makes in its server.
 *
 * @param database holds the heartbeat's table
 */
record CaptureNames(String database) {
    /** Its one row is written with each heartbeat. */
    static final String HEARTBEAT = "heartbeat";

    static CaptureNames of(String source) {
        return new CaptureNames("tidemark_" + source);
    }
}
