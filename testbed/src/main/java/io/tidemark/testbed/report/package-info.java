/** What a build's tests took. Entry point: {@link io.tidemark.testbed.report.TestReport}. */
@org.jspecify.annotations.NullMarked
package io.tidemark.testbed.report;
