/**
 * The real servers of the tests. Each kind is started once per test process and shared; a test that kills or reconfigures a
 * server starts one of its own. Entry point: {@link io.tidemark.testbed.Testbed}. Knows nothing of Tidemark.
 */
@org.jspecify.annotations.NullMarked
package io.tidemark.testbed;
