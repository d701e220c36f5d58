/**
 * Running roles: who starts, in which order, and how all of it stops without losing anything. Entry point is
 * {@link io.tidemark.app.runtime.Service}.
 */
@NullMarked
package io.tidemark.app.runtime;

import org.jspecify.annotations.NullMarked;
