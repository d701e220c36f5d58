/** Schema registries that others wrote. */
@org.jspecify.annotations.NullMarked
package io.tidemark.testbed.registry;
