package io.tidemark.ingest.mysql;

import io.debezium.connector.mariadb.Module;
import io.tidemark.mysql.Dialect;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;

/** Makes the one task that reads a server's binary log; Debezium's engine runs it. */
public final class BinlogConnector extends SourceConnector {
    /** Which kind of server it reads from: the engine's name. */
    static final String ENGINE = "tidemark.engine";

    private Map<String, String> settings = Map.of();

    @Override
    public void start(Map<String, String> properties) {
        settings = Map.copyOf(properties);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return Dialect.ofEngine(settings.getOrDefault(ENGINE, ""))
                .map(dialect -> ServerDialect.of(dialect).task())
                .orElseThrow();
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(settings);
    }

    @Override
    public void stop() {}

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    @Override
    public String version() {
        return Module.version();
    }
}
