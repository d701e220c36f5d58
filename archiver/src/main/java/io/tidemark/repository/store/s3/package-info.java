/**
 * Objects in a bucket of a server that speaks S3, by the AWS SDK. Entry point is {@link
 * io.tidemark.repository.store.s3.S3ObjectStore}. Knows nothing of what the objects hold.
 */
@NullMarked
package io.tidemark.repository.store.s3;

import org.jspecify.annotations.NullMarked;
