package io.tidemark.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tidemark.model.Position;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.SegmentPlan;
import io.tidemark.plan.Stretch;
import io.tidemark.wire.BatchHeader;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The segment that is being filled: what is known of the log behind the last cut. Immutable; each record of the log gives
 * the next one.
 *
 * @param stretch what was read since the last cut; empty just after one
 * @param after the offset of the last cut
 * @param openedAtMillis wall clock of the first record behind the cut that matters; for an idle stretch of its first
 *     record at all
 * @param content whether it holds changes, a schema, or an epoch's beginning with its reason
 * @param unended whether what was read last, before the last cut or behind it, is of a transaction whose end was not read
 * @param pending the header of a batch of which not all fragments were read
 */
record OpenSegment(
        int epoch,
        long after,
        Optional<Stretch> stretch,
        long openedAtMillis,
        boolean content,
        boolean unended,
        Optional<BatchHeader> pending) {

    /** At the beginning of an epoch. */
    static OpenSegment first(int epoch, long after) {
        return new OpenSegment(epoch, after, Optional.empty(), 0, false, false, Optional.empty());
    }

    /** Just behind a cut at the last record that was read. */
    OpenSegment next() {
        return new OpenSegment(epoch, readThrough(), Optional.empty(), 0, false, unended, Optional.empty());
    }

    /** With one more whole batch, the last record of which is at the offset. */
    OpenSegment with(BatchHeader header, long offset, long bytes, long nowMillis) {
        // The end of a transaction that changed something is one to restore to, though it changes nothing itself.
        boolean matters = header.count() > 0
                || header.kind() == BatchHeader.Kind.EPOCH
                || header.kind() == BatchHeader.Kind.SCHEMA
                || header.kind() == BatchHeader.Kind.COPY
                || unended;
        boolean first = stretch.isEmpty() || (matters && !content);
        return new OpenSegment(
                epoch,
                after,
                Optional.of(grown(header, offset, bytes)),
                first ? nowMillis : openedAtMillis,
                content || matters,
                matters && !header.endsTransaction(),
                Optional.empty());
    }

    /** With one more fragment of a batch that is not whole yet. */
    OpenSegment withFragment(BatchHeader header, long offset, long bytes) {
        return new OpenSegment(
                epoch, after, Optional.of(grown(offset, bytes)), openedAtMillis, content, unended, Optional.of(header));
    }

    private Stretch grown(BatchHeader header, long offset, long bytes) {
        Stretch base = grown(offset, bytes);
        boolean ends = header.endsTransaction();
        long time = header.committedAtMicros();
        Optional<TransactionEnd> end = Optional.of(
                new TransactionEnd(new Position(epoch, offset), time, header.transaction(), header.coordinate()));
        return new Stretch(
                epoch,
                after,
                offset,
                base.bytes(),
                base.changes() + header.count(),
                base.transactions() + (ends ? 1 : 0),
                ends
                        ? OptionalLong.of(
                                Math.min(time, base.firstCommitMicros().orElse(time)))
                        : base.firstCommitMicros(),
                ends ? OptionalLong.of(Math.max(time, base.lastCommitMicros().orElse(time))) : base.lastCommitMicros(),
                ends ? end : base.lastEnd(),
                ends && header.kind() == BatchHeader.Kind.COPY ? end : base.copyEnd());
    }

    private Stretch grown(long offset, long bytes) {
        return stretch.map(s -> new Stretch(
                        epoch,
                        after,
                        offset,
                        s.bytes() + bytes,
                        s.changes(),
                        s.transactions(),
                        s.firstCommitMicros(),
                        s.lastCommitMicros(),
                        s.lastEnd(),
                        s.copyEnd()))
                .orElseGet(() -> new Stretch(
                        epoch,
                        after,
                        offset,
                        bytes,
                        0,
                        0,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    /**
     * The offset up to which the log was read. Records up to here come again if the consumer's offset was lost, and must
     * not count twice.
     */
    @JsonIgnore
    long readThrough() {
        return stretch.map(Stretch::through).orElse(after);
    }

    /** Whether a cut is possible here: something was read, and no batch is half read. */
    @JsonIgnore
    boolean isCuttable() {
        return stretch.isPresent() && pending.isEmpty();
    }

    /** The plan for a cut here. */
    SegmentPlan plan(String source, SegmentPlan.Reason reason, List<String> seals) {
        return new SegmentPlan(source, stretch.orElseThrow(), reason, !content, seals);
    }
}
