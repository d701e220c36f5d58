package io.tidemark.ingest.postgres;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Json;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Queries;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a schema of what the capture's function {@code schema()} tells: puts the statements into an order in which each
 * finds what it needs.
 */
final class SchemaReader {
    private SchemaReader() {}

    /** One statement as the server tells it, see {@code objects.sql}. */
    private record Described(
            int place,
            String phase,
            Optional<String> node,
            String object,
            Optional<String> namespace,
            Optional<String> name,
            @JsonProperty("ref_namespace") Optional<String> refNamespace,
            @JsonProperty("ref_name") Optional<String> refName,
            String aspect,
            Optional<List<String>> roles,
            String statement) {
        Optional<CollectionName> table() {
            return collection(namespace, name);
        }

        Optional<CollectionName> otherTable() {
            return collection(refNamespace, refName);
        }

        boolean makesTable() {
            return aspect.equals("t") || aspect.equals("e");
        }

        private static Optional<CollectionName> collection(Optional<String> namespace, Optional<String> name) {
            return namespace.flatMap(n -> name.map(m -> new CollectionName(n, m)));
        }
    }

    private record Description(
            String version, List<Described> objects, List<List<String>> dependencies, List<RowSchema> tables) {}

    /** The schema as the connection's transaction sees it. */
    static SourceSchema read(Connection connection, CaptureNames names) throws SQLException {
        String json = Queries.value(connection, "SELECT " + names.schema() + ".schema()")
                .orElseThrow(() -> TidemarkException.permanent("the server does not tell its schema"));
        return parse(json.getBytes(StandardCharsets.UTF_8));
    }

    /** What {@code schema()} gave. */
    static SourceSchema parse(byte[] json) {
        Description description = Json.read(json, Description.class, "a schema message");
        List<Statement> statements = new Order(description).statements();
        return new SourceSchema("postgresql", description.version(), statements, description.tables());
    }

    /**
     * Sorts by dependency, and by place where that leaves a choice. A statement runs before the rows are loaded if it is
     * of that kind or something of that kind needs it.
     */
    private static final class Order {
        private final List<Described> objects;
        private final List<Set<Integer>> needs = new ArrayList<>();
        private final List<List<Integer>> neededBy = new ArrayList<>();

        Order(Description description) {
            objects = description.objects();
            Map<String, Integer> byNode = new HashMap<>();
            Map<CollectionName, Integer> byTable = new HashMap<>();
            for (int i = 0; i < objects.size(); i++) {
                int index = i;
                Described object = objects.get(i);
                needs.add(new HashSet<>());
                neededBy.add(new ArrayList<>());
                object.node().ifPresent(node -> byNode.put(node, index));
                if (object.makesTable()) {
                    object.table().ifPresent(table -> byTable.putIfAbsent(table, index));
                }
            }
            for (List<String> edge : description.dependencies()) {
                need(byNode.get(edge.get(0)), byNode.get(edge.get(1)));
            }
            for (int i = 0; i < objects.size(); i++) {
                Described object = objects.get(i);
                // A sequence that a table owns is made before the table, which may need it.
                if (!object.object().startsWith("sequence ")) {
                    need(i, object.table().map(byTable::get).orElse(null));
                    need(i, object.otherTable().map(byTable::get).orElse(null));
                }
            }
        }

        private void need(@Nullable Integer node, @Nullable Integer needed) {
            if (node != null
                    && needed != null
                    && !node.equals(needed)
                    && needs.get(node).add(needed)) {
                neededBy.get(needed).add(node);
            }
        }

        List<Statement> statements() {
            int[] open = needs.stream().mapToInt(Set::size).toArray();
            PriorityQueue<Integer> ready = new PriorityQueue<>((a, b) -> {
                int byPlace =
                        Integer.compare(objects.get(a).place(), objects.get(b).place());
                return byPlace != 0 ? byPlace : Integer.compare(a, b);
            });
            for (int i = 0; i < open.length; i++) {
                if (open[i] == 0) {
                    ready.add(i);
                }
            }
            List<Integer> sorted = new ArrayList<>();
            while (!ready.isEmpty()) {
                int next = ready.remove();
                sorted.add(next);
                for (int waiting : neededBy.get(next)) {
                    if (--open[waiting] == 0) {
                        ready.add(waiting);
                    }
                }
            }
            if (sorted.size() < objects.size()) {
                // Circles are rare: functions in defaults of their own argument types, say. The usual order may do.
                for (int i = 0; i < objects.size(); i++) {
                    if (open[i] > 0) {
                        sorted.add(i);
                    }
                }
            }
            Set<Integer> before = neededBeforeRows();
            int[] placeOf = new int[objects.size()];
            for (int i = 0; i < sorted.size(); i++) {
                placeOf[sorted.get(i)] = i;
            }
            return sorted.stream()
                    .map(i -> statement(i, before.contains(i), placeOf))
                    .toList();
        }

        private Set<Integer> neededBeforeRows() {
            Set<Integer> before = new HashSet<>();
            List<Integer> toVisit = new ArrayList<>();
            for (int i = 0; i < objects.size(); i++) {
                if (objects.get(i).phase().equals("b")) {
                    toVisit.add(i);
                }
            }
            while (!toVisit.isEmpty()) {
                int next = toVisit.remove(toVisit.size() - 1);
                if (before.add(next)) {
                    toVisit.addAll(needs.get(next));
                }
            }
            return before;
        }

        private Statement statement(int index, boolean beforeRows, int[] placeOf) {
            Described object = objects.get(index);
            Aspect aspect = switch (object.aspect()) {
                case "t" -> Aspect.TABLE;
                case "e" -> Aspect.EMPTY_TABLE;
                case "o" -> Aspect.OWNER;
                case "p" -> Aspect.PRIVILEGES;
                default -> Aspect.DEFINITION;
            };
            return new Statement(
                    beforeRows ? Phase.BEFORE_ROWS : Phase.AFTER_ROWS,
                    aspect,
                    object.object(),
                    object.table(),
                    object.otherTable(),
                    needs.get(index).stream()
                            .map(needed -> placeOf[needed])
                            .filter(place -> place < placeOf[index])
                            .sorted()
                            .toList(),
                    object.roles().orElse(List.of()),
                    object.statement());
        }
    }
}
