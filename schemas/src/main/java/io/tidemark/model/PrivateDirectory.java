package io.tidemark.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Directories for rows, keys and passwords: nobody but their owner comes in, whatever the files in them allow. */
public final class PrivateDirectory {
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rwx------");

    private PrivateDirectory() {}

    /** Makes a directory with its parents, as far as they are missing; one that others can enter is closed to them. */
    public static void create(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
        } else if (!Files.getPosixFilePermissions(directory).equals(OWNER_ALONE)) {
            Files.setPosixFilePermissions(directory, OWNER_ALONE);
        }
    }
}
