package io.tidemark.repository.crypto;

import io.tidemark.model.Sha256;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import java.io.IOException;

/** What stands between plain content and stored bytes. Thread-safe. */
public interface ObjectCipher {
    /** Hexadecimal digits for an object's name: equal for equal content, and they tell nothing of it to others. */
    String tag(Sha256 plainSha256);

    /**
     * The bytes to store. The same name and content give the same bytes.
     *
     * @param plainSha256 of the content
     */
    ObjectContent seal(ObjectName name, ObjectContent plain, Sha256 plainSha256);

    /**
     * Reads what was sealed under the name; takes over the reader and closes it.
     *
     * @throws io.tidemark.model.TidemarkException of kind VERIFICATION if it is not an object sealed under this name
     *     with a key of this repository
     */
    ObjectReader unseal(ObjectName name, ObjectReader stored) throws IOException;

    /** Keeps bytes as they are, for repositories without encryption. */
    ObjectCipher NONE = new ObjectCipher() {
        @Override
        public String tag(Sha256 plainSha256) {
            return plainSha256.brief();
        }

        @Override
        public ObjectContent seal(ObjectName name, ObjectContent plain, Sha256 plainSha256) {
            return plain;
        }

        @Override
        public ObjectReader unseal(ObjectName name, ObjectReader stored) {
            return stored;
        }
    };
}
