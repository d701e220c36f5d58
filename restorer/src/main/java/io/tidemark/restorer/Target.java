package io.tidemark.restorer;

import io.tidemark.model.CollectionContent;
import io.tidemark.model.CollectionName;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A database that is restored into. {@link #loader} and {@link #session} may be called from several threads; the rest is
 * for one. Failures are {@link io.tidemark.model.TidemarkException}s that name the statement or collection.
 */
public interface Target extends AutoCloseable {
    /** Names the database, so that an interrupted restore into it is recognised. */
    String identity();

    /** The collections that are there already, as {@link #named} names them. */
    List<CollectionName> existing();

    /** What a collection of a backup is called here. */
    CollectionName named(CollectionName collection);

    /** Those of the roles that the target does not have. */
    List<String> missingRoles(Set<String> roles);

    /** Removes everything a user made. */
    void clear();

    /**
     * Removes collections, and nothing that needs them.
     *
     * @throws io.tidemark.model.TidemarkException of kind PERMANENT if something else in the target needs one of them
     */
    void drop(List<CollectionName> collections);

    /** Of what this database is the live source, in a few words; empty if no capture says so. */
    Optional<String> capture();

    /** Whether {@link #run} failed because what it makes is there already. */
    boolean isThere(TidemarkException failure);

    /**
     * Runs one statement of the schema in a transaction.
     *
     * @param about hears what the transaction is called, before it is committed
     */
    void run(SourceSchema.Statement statement, Consumer<String> about);

    /**
     * Whether a transaction was committed.
     *
     * @throws io.tidemark.model.TidemarkException of kind TRANSIENT if it is still under way, PERMANENT if nobody knows any more
     */
    boolean isCommitted(String transaction);

    /** The same database for another thread, on a connection of its own, which the caller closes. */
    Target session();

    /** Ends the statement that another thread is running here, if there is one; it fails then. */
    void cancel();

    /** Starts loading a collection, on a connection of its own. */
    RowLoader loader(RowSchema rows);

    /** Sets a sequence, but never behind the rows that draw from it. */
    void setSequence(String name, long lastValue, boolean isCalled);

    /** The collections whose columns draw from a sequence. */
    List<CollectionName> users(String sequence);

    /** Reads a collection and tells its digest, in the columns and order given. */
    CollectionContent content(RowSchema rows);

    /** Does what makes the restored database ready for use. */
    void finish();

    @Override
    void close();
}
