package io.tidemark.model;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * What a source calls one of its collections: a table in a schema, for example.
 *
 * @param namespace the schema, database or other container
 * @param name the name within it
 */
public record CollectionName(String namespace, String name) implements Comparable<CollectionName> {
    private static final String SYSTEM_NAMESPACE = "tidemark";

    /** Values of sequences, kept like rows of a table so that they have a state at every moment. */
    public static final CollectionName SEQUENCES = new CollectionName(SYSTEM_NAMESPACE + "$", "sequences");

    public CollectionName {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a collection needs a name");
        }
    }

    /** Whether Tidemark itself keeps this collection and no database knows it. */
    @JsonIgnore
    public boolean isSystem() {
        return namespace.equals(SEQUENCES.namespace);
    }

    /** Whether a user's {@code text}, either {@code name} or {@code namespace.name}, means this collection. */
    public boolean matches(String text) {
        return text.equals(toString()) || text.equals(name);
    }

    @Override
    public int compareTo(CollectionName other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace + "." + name;
    }
}
