package io.tidemark.ingest;

import io.tidemark.model.SourceSchema;
import java.util.Optional;

/**
 * A live database. Calls may come from several threads, except that at most one {@link Capture} is open. Failures are
 * {@link io.tidemark.model.TidemarkException}s: TRANSIENT where trying again helps, PERMANENT where a person must act.
 */
public interface Source extends AutoCloseable {
    /** Looks whether the source can be backed up; changes nothing. */
    SourceCheck check();

    /** Makes in the source what capturing needs, and marks it with the repository; what is there already stays. */
    void prepare();

    /**
     * The repository for which the source is captured under this name; empty if it is not captured, or does not tell. Another
     * one's capture must not be touched: its log would be lost.
     */
    Optional<String> owner();

    /** Removes from the source what {@link #prepare} and capturing made. */
    void remove();

    /**
     * Why capturing cannot go on from here without losing changes; empty if it can.
     *
     * @param point where the change log ends
     */
    Optional<String> obstacle(ResumePoint point);

    /**
     * Starts from nothing: copies every collection as of one moment into the sink and gives a capture of everything
     * after it. Blocks until the copy is complete.
     */
    Capture begin(ChangeSink sink, CopyProgress progress);

    /**
     * Goes on where the change log ends.
     *
     * @param schema what the log knew of the source's schema at the end of its last complete transaction
     */
    Capture resume(ResumePoint point, SourceSchema schema, ChangeSink sink);

    /** Writes something harmless that comes back in the stream, so that an idle source shows how far it is captured. */
    void heartbeat();

    /**
     * Like {@link #heartbeat}; the transaction it makes asks the planner to close the segment behind it.
     *
     * @return the source's clock just before, µs since 1970 UTC: once the repository is complete behind that moment,
     *     everything committed before the call is in it
     */
    long requestSeal(String id);

    /** Reads every collection that is captured, as one moment shows them all, and tells their digests. */
    SourceContent content();

    /** What a person wants to know about the capture, as the source sees it. */
    SourceStatus status();

    @Override
    void close();
}
