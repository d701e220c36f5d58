/** The program: what the command line, the services and the demo share. Entry point is {@link io.tidemark.app.Main}. */
@NullMarked
package io.tidemark.app;

import org.jspecify.annotations.NullMarked;
