package io.tidemark.restorer.plan;

import io.tidemark.model.Position;
import java.time.Instant;

/** Which moment is wanted. */
public sealed interface RestoreTo {
    /** After the last transaction before the first one that committed after this time. */
    record Time(Instant time) implements RestoreTo {
        @Override
        public String toString() {
            return "time " + time;
        }
    }

    /** After the last transaction whose commit is at or before this place in the source's own log. */
    record Coordinate(String coordinate) implements RestoreTo {
        @Override
        public String toString() {
            return "coordinate " + coordinate;
        }
    }

    /** After this transaction. */
    record Transaction(String id) implements RestoreTo {
        @Override
        public String toString() {
            return "transaction " + id;
        }
    }

    /** After the last transaction that ends at or before this position of the change log. */
    record At(Position position) implements RestoreTo {
        @Override
        public String toString() {
            return "position " + position;
        }
    }

    /** After the newest transaction in the repository. */
    record Latest() implements RestoreTo {
        @Override
        public String toString() {
            return "latest";
        }
    }
}
