/** What the clients of object stores and key services share of HTTP. */
@NullMarked
package io.tidemark.repository.http;

import org.jspecify.annotations.NullMarked;
