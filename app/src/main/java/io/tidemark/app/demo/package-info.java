/** The demonstration: a bank under load, a mistake, a restore and the proof. */
@NullMarked
package io.tidemark.app.demo;

import org.jspecify.annotations.NullMarked;
