/** The commands, one class each; they parse, call and print, and hold no logic of their own. */
@NullMarked
package io.tidemark.app.cli;

import org.jspecify.annotations.NullMarked;
