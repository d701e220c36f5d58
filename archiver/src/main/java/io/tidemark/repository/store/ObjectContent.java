package io.tidemark.repository.store;

import io.tidemark.model.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** Bytes to put, of known length, that can be read more than once, so that a failed put can be tried again. */
public interface ObjectContent {
    long lengthBytes();

    /** Of all bytes; reads them once, unless it is known already. */
    default Sha256 sha256() throws IOException {
        MessageDigest digest = Sha256.digest();
        try (DigestInputStream in = new DigestInputStream(open(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Sha256.finish(digest.digest());
    }

    /** A new stream over all bytes; the caller closes it. */
    InputStream open() throws IOException;

    /** Content that is in memory already. */
    static ObjectContent of(byte[] bytes) {
        return new ObjectContent() {
            @Override
            public long lengthBytes() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        };
    }
}
