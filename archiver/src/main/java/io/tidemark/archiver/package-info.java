/**
 * The workers that turn plans into objects and catalog commits. Entry points are
 * {@link io.tidemark.archiver.SegmentWorker} and {@link io.tidemark.archiver.SnapshotBuilder}.
 */
@NullMarked
package io.tidemark.archiver;

import org.jspecify.annotations.NullMarked;
