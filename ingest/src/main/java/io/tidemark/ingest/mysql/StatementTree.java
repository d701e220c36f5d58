package io.tidemark.ingest.mysql;

import io.debezium.antlr.CaseChangingCharStream;
import io.tidemark.mysql.Identifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ErrorNode;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.ParseTreeListener;
import org.antlr.v4.runtime.tree.ParseTreeWalker;
import org.antlr.v4.runtime.tree.TerminalNode;

/** What a statement says of columns, by name, that cannot be seen from how the table looks before and after it. */
final class StatementTree {
    /** Specifications of ALTER TABLE after which rows are what they were, but for columns that come and go. */
    private static final Set<String> PLAIN = Set.of(
            "AlterByAddColumn",
            "AlterByAddColumns",
            "AlterByDropColumn",
            "AlterByRenameColumn",
            "AlterByChangeColumn",
            "AlterByModifyColumn",
            "AlterByAddIndex",
            "AlterByAddUniqueKey",
            "AlterByAddSpecialIndex",
            "AlterByAddForeignKey",
            "AlterByAddPrimaryKey",
            "AlterByAddCheckTableConstraint",
            "AlterByAddDefinitions",
            "AlterByDropIndex",
            "AlterByDropForeignKey",
            "AlterByDropPrimaryKey",
            "AlterByDropConstraintCheck",
            "AlterByRenameIndex",
            "AlterByRename",
            "AlterByChangeDefault",
            "AlterByAlterColumnDefault",
            "AlterByAlterCheckTableConstraint",
            "AlterByAlterIndexVisibility",
            "AlterByAlterIndexIgnore",
            "AlterBySetAlgorithm",
            "AlterByLock",
            "AlterByForce",
            "AlterByValidate",
            "AlterByTableOption",
            "AlterByDefaultCharset",
            "AlterByEnableKeys",
            "AlterByDisableKeys",
            "AlterByOrder",
            "AlterPartition",
            "AlterByAddPartition",
            "AlterByReorganizePartition",
            "AlterByCoalescePartition",
            "AlterByRemovePartitioning",
            "AlterByOptimizePartition",
            "AlterByCheckPartition",
            "AlterByAnalyzePartition",
            "AlterByRebuildPartition",
            "AlterByRepairPartition");

    /** Those after which the columns are what they were, and the rows are not. */
    private static final Set<String> ROWS_ONLY =
            Set.of("AlterByDropPartition", "AlterByTruncatePartition", "AlterByExchangePartition");

    private static final Set<String> SPECIFICATIONS = Set.of("AlterSpecification", "AlterPartitionSpecification");

    private final TreeMap<String, String> oldNames = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> added = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> addedIfMissing = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> declared = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> generated = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private boolean changesRows;
    private boolean isObscure;

    private StatementTree() {}

    static StatementTree of(DdlLanguage language, String sql) {
        StatementTree tree = new StatementTree();
        ParserRuleContext root = language.tree(new CaseChangingCharStream(CharStreams.fromString(sql), true));
        ParseTreeWalker.DEFAULT.walk(tree.new Listener(), root);
        return tree;
    }

    /** What a column of this name was called before. */
    String oldName(String name) {
        return oldNames.getOrDefault(name, name);
    }

    /** Whether the statement makes a column of this name. */
    boolean adds(String name) {
        return added.contains(name);
    }

    /** Whether the statement makes a column of this name unless there is one. */
    boolean addsIfMissing(String name) {
        return addedIfMissing.contains(name);
    }

    /** Whether it says what a column of this name is. */
    boolean declares(String name) {
        return declared.contains(name);
    }

    /** Whether it says that the server works the column out. */
    boolean generates(String name) {
        return generated.contains(name);
    }

    /** Whether it does something to rows that its text does not tell. */
    boolean changesRows() {
        return changesRows;
    }

    /** Whether it does something of which it cannot be told what the table looks like afterwards. */
    boolean isObscure() {
        return isObscure;
    }

    private final class Listener implements ParseTreeListener {
        @Override
        public void enterEveryRule(ParserRuleContext context) {
            String rule = rule(context.getClass());
            if (isSpecification(context)) {
                changesRows |= ROWS_ONLY.contains(rule);
                isObscure |= !PLAIN.contains(rule) && !ROWS_ONLY.contains(rule);
            }
            switch (rule) {
                case "AlterTable" -> changesRows |= hasWord(context, "IGNORE");
                case "AlterByAddColumn", "AlterByAddColumns" -> add(context);
                case "AlterByChangeColumn" -> {
                    List<String> names = names(context);
                    oldNames.put(names.get(1), names.get(0));
                    declare(names.get(1), children(context, "ColumnDefinition").get(0));
                }
                case "AlterByModifyColumn" ->
                    declare(
                            names(context).get(0),
                            children(context, "ColumnDefinition").get(0));
                case "AlterByRenameColumn" -> {
                    List<String> names = names(context);
                    oldNames.put(names.get(1), names.get(0));
                }
                case "ColumnDeclaration" ->
                    declare(
                            Identifiers.unquote(context.getChild(0).getText()),
                            children(context, "ColumnDefinition").get(0));
                default -> {
                    // Tells nothing of columns.
                }
            }
        }

        private void add(ParserRuleContext context) {
            boolean unlessThere = !children(context, "IfNotExists").isEmpty();
            List<String> names = names(context);
            List<ParserRuleContext> definitions = children(context, "ColumnDefinition");
            for (int i = 0; i < definitions.size(); i++) {
                (unlessThere ? addedIfMissing : added).add(names.get(i));
                declare(names.get(i), definitions.get(i));
            }
        }

        private void declare(String name, ParserRuleContext definition) {
            declared.add(name);
            if (!children(definition, "GeneratedColumnConstraint").isEmpty()) {
                generated.add(name);
            }
        }

        @Override
        public void visitTerminal(TerminalNode node) {}

        @Override
        public void visitErrorNode(ErrorNode node) {}

        @Override
        public void exitEveryRule(ParserRuleContext context) {}
    }

    /** The rule's name; the grammars of both languages have the same ones for what is looked at here. */
    private static String rule(Class<?> context) {
        return context.getSimpleName().replaceFirst("Context$", "");
    }

    /** The kinds of a specification are further rules below one. */
    private static boolean isSpecification(ParserRuleContext context) {
        return SPECIFICATIONS.contains(rule(context.getClass()))
                || SPECIFICATIONS.contains(rule(context.getClass().getSuperclass()));
    }

    private static List<ParserRuleContext> children(ParserRuleContext context, String rule) {
        List<ParserRuleContext> found = new ArrayList<>();
        for (ParseTree child : Objects.requireNonNullElse(context.children, List.<ParseTree>of())) {
            if (child instanceof ParserRuleContext part && rule(part.getClass()).equals(rule)) {
                found.add(part);
            }
        }
        return found;
    }

    private static boolean hasWord(ParserRuleContext context, String word) {
        return context.children.stream()
                .anyMatch(child ->
                        child instanceof TerminalNode && child.getText().equalsIgnoreCase(word));
    }

    /** The names that stand directly in a part of a statement. */
    private static List<String> names(ParserRuleContext context) {
        return children(context, "Uid").stream()
                .map(uid -> Identifiers.unquote(uid.getText()))
                .toList();
    }
}
