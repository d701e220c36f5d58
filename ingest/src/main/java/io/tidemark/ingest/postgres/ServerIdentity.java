package io.tidemark.ingest.postgres;

import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Lsn;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Which server a place in the log belongs to: the cluster, and the timeline, of which every promotion of a standby begins a
 * new one.
 *
 * @param system the cluster's identifier
 */
record ServerIdentity(String system, int timeline) {
    /** What the server at the other end of a replication connection is. */
    static ServerIdentity of(Connection replication) throws SQLException {
        return identify(replication).server();
    }

    private record Identified(ServerIdentity server, Lsn end) {}

    private static Identified identify(Connection replication) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet result = statement.executeQuery("IDENTIFY_SYSTEM")) {
            result.next();
            return new Identified(
                    new ServerIdentity(result.getString("systemid"), result.getInt("timeline")),
                    Lsn.parse(result.getString("xlogpos")));
        }
    }

    /** Why a place of this server cannot be gone on from at the other end of the connection; empty if it can. */
    Optional<String> obstacle(Connection replication, Lsn from) throws SQLException {
        Identified now = identify(replication);
        if (!now.server().system().equals(system)) {
            return Optional.of("this is another database cluster than the one captured before: it was upgraded, "
                    + "restored or replaced");
        }
        if (now.end().compareTo(from) < 0) {
            return Optional.of("the server's log ends at " + now.end() + ", before the end of the change log at " + from
                    + ": it is a standby that was promoted too early, or was restored");
        }
        if (now.server().timeline() != timeline) {
            Lsn left = leftTimeline(replication, now.server().timeline());
            if (left.compareTo(from) < 0) {
                return Optional.of("the server left the captured timeline " + timeline + " at " + left
                        + ", before the end of the change log at " + from
                        + ": it is a standby that was promoted without the last transactions");
            }
        }
        return Optional.empty();
    }

    /** Where a later timeline branched off from ours, as its history file tells. */
    private Lsn leftTimeline(Connection replication, int later) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet result = statement.executeQuery("TIMELINE_HISTORY " + later)) {
            result.next();
            byte[] content = result.getBytes("content");
            for (String line : new String(content, StandardCharsets.UTF_8).split("\n", -1)) {
                String[] fields = line.strip().split("\\s+", 3);
                if (fields.length >= 2 && fields[0].equals(Integer.toString(timeline))) {
                    return Lsn.parse(fields[1]);
                }
            }
        }
        throw TidemarkException.permanent("the server's timeline " + later + " does not descend from " + timeline);
    }
}
