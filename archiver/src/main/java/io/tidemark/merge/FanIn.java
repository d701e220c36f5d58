package io.tidemark.merge;

import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Spool;
import io.tidemark.repository.section.SectionFile;
import io.tidemark.repository.section.SectionFileWriter;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Bounds how many sections a merge reads at once, and with that its memory: while there are more than
 * {@value #MAX_INPUTS}, groups of them are merged into temporary files that keep every change. Closing deletes the
 * files. Not thread-safe.
 */
public final class FanIn implements AutoCloseable {
    /** No merge reads more sections at once; each costs some 600 KB of heap. */
    public static final int MAX_INPUTS = 64;

    private final Path directory;
    private final List<Spool> spools = new ArrayList<>();
    private final List<MergeInput> inputs = new ArrayList<>();

    private FanIn(Path directory) {
        this.directory = directory;
    }

    /**
     * Merges changes until at most {@value #MAX_INPUTS} inputs are left, besides the base.
     *
     * @param base the parts of a snapshot, which are one input however many they are
     * @param directory for temporary files
     */
    public static FanIn reduce(Optional<MergeInput> base, List<MergeInput> changes, Path directory) {
        FanIn fanIn = new FanIn(directory);
        base.ifPresent(fanIn.inputs::add);
        try {
            if (changes.size() <= MAX_INPUTS) {
                fanIn.inputs.addAll(changes);
            } else {
                fanIn.reduceBySchema(changes);
            }
            return fanIn;
        } catch (IOException e) {
            fanIn.close();
            throw TidemarkException.permanent(
                    "cannot write temporary files in " + directory + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            fanIn.close();
            throw e;
        }
    }

    /** What is left to merge. */
    public List<MergeInput> inputs() {
        return inputs;
    }

    /** Only sections of one row schema fit into one file; there are few schemas and many sections. */
    private void reduceBySchema(List<MergeInput> all) throws IOException {
        Map<RowSchema, Deque<MergeInput>> bySchema = new LinkedHashMap<>();
        for (MergeInput input : all) {
            bySchema.computeIfAbsent(input.rows(), s -> new ArrayDeque<>()).add(input);
        }
        int share = Math.max(1, MAX_INPUTS / bySchema.size());
        for (Map.Entry<RowSchema, Deque<MergeInput>> entry : bySchema.entrySet()) {
            Deque<MergeInput> queue = entry.getValue();
            while (queue.size() > share) {
                List<MergeInput> group = new ArrayList<>();
                while (!queue.isEmpty() && group.size() < MAX_INPUTS) {
                    group.add(queue.remove());
                }
                queue.add(mergeKeepingAll(entry.getKey(), group));
            }
            inputs.addAll(queue);
        }
    }

    private MergeInput mergeKeepingAll(RowSchema schema, List<MergeInput> group) throws IOException {
        Spool spool = Spool.create(directory);
        spools.add(spool);
        SectionFileWriter writer = new SectionFileWriter(spool.out());
        SectionMerger.merge(schema, group, writer);
        long through = group.stream().mapToLong(MergeInput::through).max().orElse(-1);
        writer.finish("", 0, -1, through);
        spool.finish();
        SectionFile file = SectionFile.open("(temporary)", () -> open(spool));
        return MergeInput.of(file, file.footer().sections().get(0), -1);
    }

    private ObjectReader open(Spool spool) {
        Path name = spool.file().getFileName();
        try {
            return new FileObjectStore(directory)
                    .open(new ObjectName(String.valueOf(name)))
                    .orElseThrow(() -> TidemarkException.permanent(
                            "the temporary file " + spool.file() + " was removed while it was in use"));
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot read " + spool.file() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        for (Spool spool : spools) {
            try {
                spool.close();
            } catch (IOException e) {
                throw TidemarkException.permanent("cannot delete " + spool.file() + ": " + e.getMessage(), e);
            }
        }
    }
}
