package io.tidemark.ingest.postgres;

import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.Counters;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns pgoutput messages into changes. Whole transactions that are in the log already are dropped by the LSN of their
 * commit, and of the one that is there in part the first changes: rows have no place of their own in the write-ahead log,
 * several may share one LSN. Not thread-safe.
 */
final class PgOutputDecoder {
    private final ChangeSink sink;
    private final StreamRelations relations;
    private final Messages messages;
    private final SchemaMessages schemaMessages;
    private final ServerIdentity server;
    private final Lsn inLog;
    private final boolean inLogComplete;
    private final long inLogChanges;
    private final PgOutputReader in = new PgOutputReader();
    private boolean dropping;

    PgOutputDecoder(
            ChangeSink sink, StreamRelations relations, Messages messages, ServerIdentity server, ResumePoint point) {
        this.sink = sink;
        this.relations = relations;
        this.messages = messages;
        this.server = server;
        schemaMessages = new SchemaMessages(sink, relations);
        inLog = Lsn.parse(point.coordinate());
        inLogComplete = point.complete();
        inLogChanges = point.nextIndex();
    }

    void decode(ByteBuffer message) {
        in.reset(message);
        char type = in.character();
        switch (type) {
            case 'B' -> begin();
            case 'C' -> commit();
            case 'R' -> relation();
            case 'I' -> insert();
            case 'U' -> update();
            case 'D' -> delete();
            case 'T' -> truncate();
            case 'M' -> message();
            case 'O', 'Y' -> {
                // Origins and type names tell nothing that is kept.
            }
            default ->
                throw TidemarkException.permanent("the server sent the unknown pgoutput message '" + type
                        + "'; it may be newer than this Tidemark");
        }
    }

    private void begin() {
        Lsn commit = new Lsn(in.int64());
        long committedAt = in.micros();
        String xid = Long.toString(in.uint32());
        int order = commit.compareTo(inLog);
        dropping = order < 0 || (order == 0 && inLogComplete);
        if (!dropping) {
            sink.begin(
                    new ChangeSink.TransactionStart(xid, commit.toString(), committedAt),
                    order == 0 ? inLogChanges : 0);
        }
    }

    private void commit() {
        in.int8();
        in.int64();
        Lsn end = new Lsn(in.int64());
        if (!dropping) {
            relations.endTransaction();
            sink.commit(new ResumeLsn(end, server).toString());
        }
        dropping = false;
    }

    private void relation() {
        int oid = in.int32();
        relations.describe(oid, in);
    }

    /** The relation of a row; empty if it is not under backup. */
    private Optional<RelationRows> rows() {
        return relations.rows(in.int32());
    }

    private void insert() {
        if (!dropping) {
            rows().ifPresent(rows -> {
                in.character();
                rows.readCurrent(in);
                change(Op.INSERT, rows, rows.currentKey(), null, null, rows.currentRow());
            });
        }
    }

    private void update() {
        if (!dropping) {
            rows().ifPresent(this::update);
        }
    }

    private void update(RelationRows rows) {
        char kind = in.character();
        boolean full = kind == 'O';
        boolean oldKnown = full || kind == 'K';
        if (oldKnown) {
            rows.readOld(in);
            in.character();
        }
        rows.readCurrent(in);
        if (full) {
            rows.fillFromOld();
        } else if (oldKnown) {
            rows.fillKeyFromOld();
        }
        ByteSink before = full ? rows.oldRow() : null;
        if (rows.schema().isMultiset()) {
            change(Op.DELETE, rows, rows.oldKey(), null, before, null);
            change(Op.INSERT, rows, rows.currentKey(), null, null, rows.currentRow());
            return;
        }
        ByteSink key = rows.currentKey();
        Op op = rows.isPartial() ? Op.PATCH : Op.UPDATE;
        if (oldKnown && !sameBytes(rows.oldKey(), key)) {
            change(Op.DELETE, rows, rows.oldKey(), null, before, null);
            change(op, rows, key, rows.oldKey(), before, rows.currentRow());
        } else {
            change(op, rows, key, null, before, rows.currentRow());
        }
    }

    private void delete() {
        if (!dropping) {
            rows().ifPresent(rows -> {
                boolean full = in.character() == 'O';
                rows.readOld(in);
                change(Op.DELETE, rows, rows.oldKey(), null, full ? rows.oldRow() : null, null);
            });
        }
    }

    private void truncate() {
        if (dropping) {
            return;
        }
        int count = in.int32();
        in.int8();
        ByteSink none = new ByteSink(0);
        for (int i = 0; i < count; i++) {
            rows().ifPresent(rows -> change(Op.TRUNCATE, rows, none, null, null, null));
        }
    }

    private void message() {
        boolean transactional = (in.int8() & 1) == 1;
        in.int64();
        String prefix = in.string();
        int length = in.int32();
        if (dropping || !transactional) {
            return;
        }
        messages.kind(prefix).ifPresent(kind -> {
            switch (kind) {
                case HEARTBEAT -> {
                    if (length > 0) {
                        Counters.write(content(length), sink);
                    }
                    sink.heartbeat();
                }
                case SEAL -> sink.seal(new String(content(length), StandardCharsets.UTF_8));
                default -> schemaMessages.apply(kind, in.array(), in.position(), length);
            }
        });
    }

    private byte[] content(int length) {
        return Arrays.copyOfRange(in.array(), in.position(), in.position() + length);
    }

    private void change(
            Op op,
            RelationRows rows,
            ByteSink key,
            @Nullable ByteSink movedFrom,
            @Nullable ByteSink before,
            @Nullable ByteSink after) {
        sink.change(op, rows.schemaId(), key, movedFrom, before, after);
    }

    private static boolean sameBytes(ByteSink a, ByteSink b) {
        return Arrays.equals(a.array(), 0, a.length(), b.array(), 0, b.length());
    }
}
