/** Benchmarks against peers, which print ratios from one run. Entry point is {@link io.tidemark.bench.Benchmarks}. */
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
