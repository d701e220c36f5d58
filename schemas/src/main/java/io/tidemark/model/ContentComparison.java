package io.tidemark.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares what two places hold, collection by collection. */
public final class ContentComparison {
    private ContentComparison() {}

    /**
     * The differences, one sentence each; none if both hold the same.
     *
     * @param one what the first place is called
     * @param other what the second place is called
     */
    public static List<String> differences(
            String one, List<CollectionContent> contents, String other, List<CollectionContent> otherContents) {
        Map<CollectionName, CollectionContent> first = byName(contents);
        Map<CollectionName, CollectionContent> second = byName(otherContents);
        List<String> differences = new ArrayList<>();
        first.forEach((name, content) -> {
            CollectionContent there = second.get(name);
            if (there == null) {
                differences.add(name + " is in " + one + " and not in " + other);
            } else if (!content.hasColumnsOf(there)) {
                differences.add(name + " has other columns in " + one + " than in " + other);
            } else if (content.count() != there.count()) {
                differences.add(name + " has " + content.count() + " rows in " + one + " and " + there.count() + " in "
                        + other);
            } else if (!content.equalsRowsOf(there)) {
                differences.add(name + " has other rows in " + one + " than in " + other + ", though as many");
            }
        });
        second.keySet().stream()
                .filter(name -> !first.containsKey(name))
                .forEach(name -> differences.add(name + " is in " + other + " and not in " + one));
        return differences;
    }

    private static Map<CollectionName, CollectionContent> byName(List<CollectionContent> contents) {
        Map<CollectionName, CollectionContent> byName = new TreeMap<>();
        contents.forEach(content -> byName.put(content.rows().collection(), content));
        return byName;
    }
}
