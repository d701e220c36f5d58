package io.tidemark.app.config;

import io.tidemark.model.Nearest;
import io.tidemark.model.TidemarkException;
import java.util.Arrays;
import java.util.Locale;

/** All configuration keys, with their defaults and what they are for. */
public enum Key {
    REPOSITORY("repository", "file:./tidemark-repo", "where the backup is kept: file:DIRECTORY or s3://BUCKET/PREFIX"),
    MIRROR("mirror", "", "a second place that 'run' keeps a copy of the repository in, in another medium or account"),
    MIRROR_INTERVAL("mirror.interval", "1m", "how often the mirror is brought up to date"),
    KEY_FILE("key.file", "", "file with the repository's key; ./tidemark.key is taken if it is there"),
    KEY("key", "", "the repository's key itself, best from TIDEMARK_KEY"),
    KEY_COMMAND("key.command", "", "command that prints the repository's key, for vaults"),
    KEY_KMS("key.kms", "", "id, ARN or alias of the AWS KMS key that opens the repository"),
    KEY_KMS_REGION("key.kms.region", "", "region of the KMS key; empty for what the AWS environment says"),
    KEY_KMS_ENDPOINT("key.kms.endpoint", "", "address of a key service that is not AWS"),
    PASSPHRASE("passphrase", "", "passphrase of the repository, instead of a key; best from TIDEMARK_PASSPHRASE"),
    S3_ENDPOINT("s3.endpoint", "", "address of an S3 server that is not AWS, like https://host:9000"),
    S3_REGION("s3.region", "", "the bucket's region; empty for what the AWS environment says"),
    S3_PROFILE("s3.profile", "", "profile of the AWS credentials file; empty for the SDK's own chain"),
    S3_PATH_STYLE("s3.path.style", "false", "whether the bucket stands in the path instead of the host name"),
    S3_KMS_KEY("s3.kms.key", "", "KMS key for encryption at the server (SSE-KMS), on top of Tidemark's own"),
    S3_STORAGE_CLASS("s3.storage.class", "", "storage class of new objects, like STANDARD_IA"),
    S3_LOCK_PERIOD("s3.lock.period", "0s", "how long new objects are locked by Object Lock; 0s for not at all"),
    S3_LOCK_MODE("s3.lock.mode", "compliance", "compliance (nobody may shorten a lock) or governance"),
    S3_ATTEMPTS("s3.attempts", "6", "how often a request is tried, with growing, random pauses"),
    DATA("data", "./tidemark-data", "directory for Kafka's data, temporary files and source definitions"),
    KAFKA_BOOTSTRAP_SERVERS("kafka.bootstrap.servers", "", "Kafka to use; empty runs a broker in the process"),
    KAFKA_PORT("kafka.port", "19092", "port of the broker in the process, on 127.0.0.1; 0 takes a free one"),
    REGISTRY_URL("registry.url", "", "schema registry to use; empty runs one in the process"),
    REGISTRY_PORT("registry.port", "18081", "port of the registry in the process, on 127.0.0.1; 0 takes a free one"),
    HEARTBEAT_INTERVAL("heartbeat.interval", "5s", "how often an idle source shows how far it is captured"),
    SEGMENT_MAX_SIZE("segment.max.size", "64MiB", "a segment is cut when it has so many bytes of log; at most 64MiB"),
    SEGMENT_MAX_AGE("segment.max.age", "5s", "a segment is cut when its first change is so old"),
    HORIZON_INTERVAL("horizon.interval", "30s", "how often the horizon moves while nothing changes"),
    SNAPSHOT_INTERVAL("snapshot.interval", "24h", "how old the newest snapshot may become; 0s for any age"),
    SNAPSHOT_AFTER("snapshot.after", "1GiB", "how much log may follow the newest snapshot; 0 for any amount"),
    SNAPSHOT_SCHEDULE("snapshot.schedule", "", "when snapshots are made besides: a cron expression like '0 3 * * *'"),
    SNAPSHOT_TIME_ZONE(
            "snapshot.time.zone", "UTC", "time zone of snapshot.schedule and of the days that 'prune' counts"),
    COMPACTION_FAN_IN(
            "compaction.fan.in", "8", "how many segments, or runs of them, are merged into one run; 0 for none"),
    COMPACTION_MAX_SIZE("compaction.max.size", "1GiB", "how much log a run may hold"),
    RETENTION_PITR_WINDOW(
            "retention.pitr.window", "", "so far back every moment stays restorable, like 7d; empty for all"),
    RETENTION_KEEP_HOURLY("retention.keep.hourly", "0", "of so many hours the newest snapshot is kept"),
    RETENTION_KEEP_DAILY("retention.keep.daily", "0", "of so many days the newest snapshot is kept"),
    RETENTION_KEEP_WEEKLY("retention.keep.weekly", "0", "of so many weeks the newest snapshot is kept"),
    RETENTION_KEEP_MONTHLY("retention.keep.monthly", "0", "of so many months the newest snapshot is kept"),
    RETENTION_KEEP_YEARLY("retention.keep.yearly", "0", "of so many years the newest snapshot is kept"),
    RETENTION_MIN_AGE("retention.min.age", "0s", "nothing younger is pruned"),
    ARCHIVE(
            "archive",
            "",
            "where older snapshots are moved: file:DIRECTORY or s3://BUCKET/PREFIX?storage.class=GLACIER_IR"),
    ARCHIVE_AFTER("archive.after", "", "snapshots older than this are moved to the archive, like 90d; empty for none"),
    PRUNE_INTERVAL("prune.interval", "1h", "how often 'run' prunes by the retention keys; 0s for never"),
    PRUNE_GRACE("prune.grace", "24h", "how long what was retired can still be read before it is deleted"),
    PRUNE_ORPHAN_AGE("prune.orphan.age", "7d", "how old objects of interrupted writers must be to be deleted"),
    AUDIT_ENABLED("audit.enabled", "true", "whether changes go to audit topics, one per table"),
    AUDIT_RETENTION("audit.retention", "7d", "how long audit topics keep changes"),
    STATUS_BEHIND("status.behind", "5m", "how far a backup may be behind before 'status' ends with code 5"),
    ARCHIVER_WORKERS("archiver.workers", "1", "how many segments of a source this process writes at once"),
    COPY_READERS("copy.readers", "2", "how many connections read during an initial copy"),
    RESTORE_JOBS("restore.jobs", "2", "how many tables a restore loads, and indexes it makes, at once");

    private final String text;
    private final String defaultValue;
    private final String help;

    Key(String text, String defaultValue, String help) {
        this.text = text;
        this.defaultValue = defaultValue;
        this.help = help;
    }

    public String text() {
        return text;
    }

    public String defaultValue() {
        return defaultValue;
    }

    public String help() {
        return help;
    }

    /** The environment variable: {@code segment.max.age} is {@code TIDEMARK_SEGMENT_MAX_AGE}. */
    public String variable() {
        return "TIDEMARK_" + text.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /**
     * The key with this text.
     *
     * @throws TidemarkException of kind USAGE that names the nearest key, if there is none
     */
    static Key of(String text, String where) {
        return Arrays.stream(values())
                .filter(key -> key.text.equals(text))
                .findFirst()
                .orElseThrow(() -> TidemarkException.usage(
                        where + " has the unknown key '" + text + "'; did you mean '" + nearest(text) + "'?"));
    }

    private static String nearest(String text) {
        return Nearest.to(text, Arrays.stream(values()).map(Key::text).toList()).orElseThrow();
    }
}
