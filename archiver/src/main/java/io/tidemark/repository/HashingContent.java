package io.tidemark.repository;

import io.tidemark.model.Sha256;
import io.tidemark.repository.store.ObjectContent;
import java.io.IOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;

/** Content that hashes itself while it is stored, or before that if a store asks for the hash first. Not thread-safe. */
final class HashingContent implements ObjectContent {
    private final ObjectContent content;
    private Optional<MessageDigest> digest = Optional.empty();
    private Optional<Sha256> sha256 = Optional.empty();

    HashingContent(ObjectContent content) {
        this.content = content;
    }

    @Override
    public long lengthBytes() {
        return content.lengthBytes();
    }

    @Override
    public DigestInputStream open() throws IOException {
        MessageDigest fresh = Sha256.digest();
        digest = Optional.of(fresh);
        return new DigestInputStream(content.open(), fresh);
    }

    /** Of what was read last; reads everything if nothing was. */
    @Override
    public Sha256 sha256() throws IOException {
        if (sha256.isEmpty()) {
            sha256 = Optional.of(digest.isPresent() ? Sha256.finish(digest.get().digest()) : content.sha256());
        }
        return sha256.get();
    }
}
