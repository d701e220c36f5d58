/** Servers that speak the S3 protocol, a key service, and what networks do to connections. */
@org.jspecify.annotations.NullMarked
package io.tidemark.testbed.s3;
