package io.tidemark.app.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.KmsSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values in force: defaults, overridden by the file, overridden by {@code TIDEMARK_*}, overridden by flags. Immutable.
 */
public final class Configuration {
    /** Keys below this are handed to Kafka's clients as they are. */
    private static final String CLIENT_PREFIX = "kafka.client.";

    private static final Path DEFAULT_KEY_FILE = Path.of("tidemark.key");
    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(|B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)");
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");
    private static final Map<String, Long> UNITS = Map.of(
            "",
            1L,
            "B",
            1L,
            "KiB",
            1L << 10,
            "MiB",
            1L << 20,
            "GiB",
            1L << 30,
            "TiB",
            1L << 40,
            "kB",
            1_000L,
            "MB",
            1_000_000L,
            "GB",
            1_000_000_000L,
            "TB",
            1_000_000_000_000L);

    private final Map<Key, String> values;
    private final Map<String, String> kafkaClient;

    private Configuration(Map<Key, String> values, Map<String, String> kafkaClient) {
        this.values = values;
        this.kafkaClient = Map.copyOf(kafkaClient);
    }

    /**
     * Reads the configuration.
     *
     * @param file must be there if it is given; {@code tidemark.yaml} is read if it is there and none is given
     * @param environment of the process
     * @param flags by key text
     * @throws TidemarkException of kind USAGE if a key is unknown or a value unreadable
     */
    public static Configuration load(Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
        Map<Key, String> values = new EnumMap<>(Key.class);
        Map<String, String> kafkaClient = new HashMap<>();
        Path path = file.orElse(Path.of("tidemark.yaml"));
        if (file.isPresent() || Files.exists(path)) {
            readFile(path).forEach((key, value) -> put(values, kafkaClient, key, value, path.toString()));
        }
        for (Key key : Key.values()) {
            String value = environment.get(key.variable());
            if (value != null) {
                values.put(key, value);
            }
        }
        flags.forEach((key, value) -> put(values, kafkaClient, key, value, "the command line"));
        Configuration configuration = new Configuration(values, kafkaClient);
        configuration.validate();
        return configuration;
    }

    /**
     * The same with some keys changed.
     *
     * @throws TidemarkException of kind USAGE if a key is unknown or a value unreadable
     */
    public Configuration with(Map<String, String> overrides) {
        Map<Key, String> changed = new EnumMap<>(Key.class);
        changed.putAll(values);
        Map<String, String> client = new HashMap<>(kafkaClient);
        overrides.forEach((key, value) -> put(changed, client, key, value, "the place of the repository"));
        Configuration configuration = new Configuration(changed, client);
        configuration.validate();
        return configuration;
    }

    private static void put(
            Map<Key, String> values, Map<String, String> kafkaClient, String key, String value, String where) {
        if (key.startsWith(CLIENT_PREFIX)) {
            kafkaClient.put(key.substring(CLIENT_PREFIX.length()), value);
        } else {
            values.put(Key.of(key, where), value);
        }
    }

    private static Map<String, String> readFile(Path path) {
        Map<String, String> flat = new HashMap<>();
        try {
            flatten("", new YAMLMapper().readTree(Files.readAllBytes(path)), flat);
            return flat;
        } catch (IOException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE, "cannot read the configuration " + path + ": " + e.getMessage(), e);
        }
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> target) {
        if (node.isObject()) {
            node.properties()
                    .forEach(e ->
                            flatten(prefix.isEmpty() ? e.getKey() : prefix + "." + e.getKey(), e.getValue(), target));
        } else if (!node.isNull() && !node.isMissingNode()) {
            target.put(prefix, node.asText());
        }
    }

    private void validate() {
        for (Key key : Key.values()) {
            if (key == Key.RETENTION_PITR_WINDOW || key == Key.ARCHIVE_AFTER) {
                optionalDuration(key);
            } else if (key.defaultValue().matches("\\d+(ms|s|m|h|d)")) {
                duration(key);
            } else if (key.defaultValue().matches("\\d+[KMGT]iB")) {
                bytes(key);
            } else if (key.defaultValue().matches("\\d+")) {
                integer(key);
            }
        }
        if (bytes(Key.SEGMENT_MAX_SIZE) > 64L << 20) {
            throw wrong(Key.SEGMENT_MAX_SIZE, "at most 64MiB, which is what workers keep in memory");
        }
    }

    public String text(Key key) {
        return values.getOrDefault(key, key.defaultValue());
    }

    /** The value, if it is not empty. */
    public Optional<String> optional(Key key) {
        return Optional.of(text(key)).filter(value -> !value.isEmpty());
    }

    public boolean flag(Key key) {
        return switch (text(key)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(key, "true or false");
        };
    }

    public int integer(Key key) {
        try {
            return Integer.parseInt(text(key));
        } catch (NumberFormatException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE, key.text() + " is '" + text(key) + "', a number is needed", e);
        }
    }

    /** The duration, if the value is not empty. */
    public Optional<Duration> optionalDuration(Key key) {
        return optional(key).map(text -> duration(key));
    }

    public Duration duration(Key key) {
        Matcher matcher = DURATION.matcher(text(key));
        if (!matcher.matches()) {
            throw wrong(key, "a duration like 500ms, 5s, 10m, 24h or 7d");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    public long bytes(Key key) {
        Matcher matcher = SIZE.matcher(text(key));
        if (!matcher.matches()) {
            throw wrong(key, "a size like 64MiB or 1GiB");
        }
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), UNITS.getOrDefault(matcher.group(2), 1L));
    }

    private TidemarkException wrong(Key key, String needed) {
        return TidemarkException.usage(key.text() + " is '" + text(key) + "', needed is " + needed);
    }

    public Path data() {
        return Path.of(text(Key.DATA));
    }

    /** Properties for Kafka's clients besides the address. */
    public Map<String, String> kafkaClient() {
        return kafkaClient;
    }

    /**
     * Where the repository's key comes from; empty if none is given and no {@code tidemark.key} is there.
     *
     * @throws TidemarkException of kind USAGE if several are given
     */
    public Optional<KeySource> keySource() {
        List<KeySource> given = new ArrayList<>();
        optional(Key.PASSPHRASE).map(KeySource.Passphrase::new).ifPresent(given::add);
        optional(Key.KEY)
                .map(text -> new KeySource.Given(Key.KEY.variable(), text))
                .ifPresent(given::add);
        optional(Key.KEY_COMMAND).map(KeySource.Command::new).ifPresent(given::add);
        optional(Key.KEY_KMS).map(id -> new KeySource.Kms(kms(id))).ifPresent(given::add);
        optional(Key.KEY_FILE).map(Path::of).map(KeySource.File::new).ifPresent(given::add);
        if (given.size() > 1) {
            throw TidemarkException.usage("several keys are given, "
                    + given.get(0).describe() + " and " + given.get(1).describe() + "; leave one");
        }
        if (given.isEmpty() && Files.exists(DEFAULT_KEY_FILE)) {
            return Optional.of(new KeySource.File(DEFAULT_KEY_FILE));
        }
        return given.stream().findFirst();
    }

    /** A key of AWS KMS, in the region and at the endpoint that are configured. */
    public KmsSettings kms(String keyId) {
        return new KmsSettings(
                keyId,
                optional(Key.KEY_KMS_REGION),
                optional(Key.KEY_KMS_ENDPOINT).map(URI::create));
    }

    /** Where {@code init} writes a new key. */
    public Path newKeyFile() {
        return optional(Key.KEY_FILE).map(Path::of).orElse(DEFAULT_KEY_FILE);
    }
}
