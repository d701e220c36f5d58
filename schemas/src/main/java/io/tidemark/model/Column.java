package io.tidemark.model;

/**
 * One column of a row schema.
 *
 * @param name the source's name of it
 * @param type the source's name of its type, with modifiers
 * @param encoding how its values are kept
 */
public record Column(String name, String type, Encoding encoding) {}
