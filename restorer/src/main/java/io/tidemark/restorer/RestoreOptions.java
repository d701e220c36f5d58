package io.tidemark.restorer;

import io.tidemark.model.CollectionName;
import java.nio.file.Path;
import java.util.List;

/**
 * How to restore.
 *
 * @param tables only these, as {@code name} or {@code namespace.name}; empty for all
 * @param allowClear whether what is in the target and in the way may be dropped
 * @param strict whether the first object that cannot be made ends the restore
 * @param resume whether to go on with a restore that was interrupted
 * @param owners whether objects get the owners they had
 * @param privileges whether privileges are granted as they were
 * @param jobs how many collections are loaded at once
 * @param spoolDirectory for temporary files
 */
public record RestoreOptions(
        List<String> tables,
        boolean allowClear,
        boolean strict,
        boolean resume,
        boolean owners,
        boolean privileges,
        int jobs,
        Path spoolDirectory) {
    public RestoreOptions {
        tables = List.copyOf(tables);
    }

    boolean wants(CollectionName collection) {
        return tables.isEmpty() || tables.stream().anyMatch(collection::matches);
    }
}
