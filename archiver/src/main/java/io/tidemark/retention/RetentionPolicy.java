package io.tidemark.retention;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.WeekFields;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is to be kept. Of each of the last so many hours, days and so on that have a snapshot, the newest snapshot is kept;
 * zero keeps none for that reason.
 *
 * @param minAge nothing younger is removed
 * @param pitrWindow so far back from the newest restorable moment every moment stays restorable; empty for all that there
 *     is, and then no snapshot is removed before its time by any other rule
 * @param archiveAfter kept snapshots that are older are moved to the archive; empty for none
 * @param zone in which days begin
 */
public record RetentionPolicy(
        int hourly,
        int daily,
        int weekly,
        int monthly,
        int yearly,
        Duration minAge,
        Optional<Duration> pitrWindow,
        Optional<Duration> archiveAfter,
        ZoneId zone) {
    /** Removes nothing that anybody could restore. */
    public static final RetentionPolicy KEEP_ALL =
            new RetentionPolicy(0, 0, 0, 0, 0, Duration.ZERO, Optional.empty(), Optional.empty(), ZoneId.of("UTC"));

    public RetentionPolicy {
        if (hourly < 0 || daily < 0 || weekly < 0 || monthly < 0 || yearly < 0 || minAge.isNegative()) {
            throw new IllegalArgumentException("a negative number of snapshots to keep");
        }
    }

    /** A rule: how many periods, and which period a time falls into. */
    record Rule(String name, int periods, Function<Instant, Object> period) {}

    /** The rules, shortest period first. */
    java.util.List<Rule> rules() {
        WeekFields iso = WeekFields.ISO;
        return java.util.List.of(
                new Rule("hourly", hourly, at -> at.truncatedTo(ChronoUnit.HOURS)),
                new Rule("daily", daily, at -> local(at).toLocalDate()),
                new Rule(
                        "weekly",
                        weekly,
                        at -> Map.entry(
                                local(at).get(iso.weekBasedYear()), local(at).get(iso.weekOfWeekBasedYear()))),
                new Rule("monthly", monthly, at -> java.time.YearMonth.from(local(at))),
                new Rule("yearly", yearly, at -> local(at).getYear()));
    }

    private ZonedDateTime local(Instant at) {
        return at.atZone(zone);
    }
}
