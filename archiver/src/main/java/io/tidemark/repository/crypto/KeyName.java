package io.tidemark.repository.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Which data key it is. Whoever wraps a data key binds this to it, so that none of it can be altered.
 *
 * @param use what it seals
 * @param parent the key whose place it takes; of a content key, the catalog key it was made under. Only a repository's first
 *     key has none
 */
public record KeyName(UUID id, Use use, Optional<Parent> parent) {
    /** What a data key seals. */
    public enum Use {
        /** Everything. */
        ALL,
        /** The catalog; rows are sealed with content keys. */
        CATALOG,
        /** The rows that one process wrote in one day; wrapped for recipients only. */
        CONTENT
    }

    /**
     * The key that came before.
     *
     * @param proof base64: a MAC under it; anybody can wrap a key for a recipient, but not with this
     */
    public record Parent(UUID id, String proof) {}

    /** The words that stand for it where it is bound to a wrapped key. */
    String text() {
        return text(id, use)
                + parent.map(p -> " of " + p.id() + " " + p.proof()).orElse("");
    }

    static String text(UUID id, Use use) {
        return "tidemark " + use.name().toLowerCase(Locale.ROOT) + " key " + id;
    }

    byte[] bytes() {
        return text().getBytes(StandardCharsets.UTF_8);
    }
}
