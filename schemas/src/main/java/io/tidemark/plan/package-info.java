/**
 * What the roles tell each other besides changes: segment plans, snapshot requests and catalog announcements.
 * Plain JSON records, so that any tool can read the topics. Must not know how a plan is carried out.
 */
@NullMarked
package io.tidemark.plan;

import org.jspecify.annotations.NullMarked;
