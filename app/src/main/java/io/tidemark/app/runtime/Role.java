package io.tidemark.app.runtime;

import io.tidemark.model.TidemarkException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a process can do. */
public enum Role {
    /** A Kafka broker in the process. */
    KAFKA,
    /** A schema registry in the process. */
    REGISTRY,
    /** Capturing sources into their change logs. */
    INGEST,
    /** Planning segments and snapshots, and the audit topics. */
    PIPELINE,
    /** Writing segments and snapshots. */
    ARCHIVER;

    /**
     * Reads a list like {@code ingest,pipeline}.
     *
     * @throws TidemarkException of kind USAGE if a name is unknown
     */
    public static Set<Role> parse(String list) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String name : list.split(",", -1)) {
            roles.add(Arrays.stream(values())
                    .filter(role -> role.text().equals(name.strip()))
                    .findFirst()
                    .orElseThrow(() -> TidemarkException.usage("'" + name.strip() + "' is not a role; there are "
                            + Arrays.stream(values()).map(Role::text).collect(Collectors.joining(", ")))));
        }
        return roles;
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
