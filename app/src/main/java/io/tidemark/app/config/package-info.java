/**
 * Configuration: keys with defaults, read from a file, the environment and flags, and the definitions of sources. Entry
 * point is {@link io.tidemark.app.config.Configuration}.
 */
@NullMarked
package io.tidemark.app.config;

import org.jspecify.annotations.NullMarked;
