package io.tidemark.testbed;

import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * Gives jqwik's properties the one seed of all random tests and tells it with each failure, and as many tries as the effort
 * asks for. Found by jqwik as a service.
 */
public final class SeededProperties implements AroundPropertyHook {
    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }

    @Override
    public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
        context.attributes().setSeed(Long.toString(Seed.value()));
        context.attributes().tries().ifPresent(tries -> context.attributes().setTries(Effort.times(tries)));
        PropertyExecutionResult result = property.execute();
        result.throwable()
                .ifPresent(failure -> failure.addSuppressed(new Seed.Repeated(Seed.repeat(
                        context.containerClass().getSimpleName(),
                        context.targetMethod().getName()))));
        return result;
    }
}
