package io.tidemark.app.demo;

import java.time.Instant;

/** The mistake: when, by whom, and what the bank looked like just before. */
record Mistake(Instant justBefore, String transaction, long rowsLost, DatabaseDump before) {}
