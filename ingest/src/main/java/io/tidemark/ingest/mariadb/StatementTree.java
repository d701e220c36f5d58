package io.tidemark.ingest.mariadb;

import io.debezium.antlr.CaseChangingCharStream;
import io.debezium.ddl.parser.mariadb.generated.MariaDBLexer;
import io.debezium.ddl.parser.mariadb.generated.MariaDBParser;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ErrorNode;
import org.antlr.v4.runtime.tree.ParseTreeListener;
import org.antlr.v4.runtime.tree.ParseTreeWalker;
import org.antlr.v4.runtime.tree.TerminalNode;

/** What a statement says of columns, by name, that cannot be seen from how the table looks before and after it. */
final class StatementTree {
    /** Specifications of ALTER TABLE after which rows are what they were, but for columns that come and go. */
    private static final Set<String> PLAIN = Set.of(
            "AlterByAddColumnContext",
            "AlterByAddColumnsContext",
            "AlterByDropColumnContext",
            "AlterByRenameColumnContext",
            "AlterByChangeColumnContext",
            "AlterByModifyColumnContext",
            "AlterByAddIndexContext",
            "AlterByAddUniqueKeyContext",
            "AlterByAddSpecialIndexContext",
            "AlterByAddForeignKeyContext",
            "AlterByAddPrimaryKeyContext",
            "AlterByAddCheckTableConstraintContext",
            "AlterByAddDefinitionsContext",
            "AlterByDropIndexContext",
            "AlterByDropForeignKeyContext",
            "AlterByDropPrimaryKeyContext",
            "AlterByDropConstraintCheckContext",
            "AlterByRenameIndexContext",
            "AlterByRenameContext",
            "AlterByChangeDefaultContext",
            "AlterByAlterIndexVisibilityContext",
            "AlterByAlterIndexIgnoreContext",
            "AlterBySetAlgorithmContext",
            "AlterByLockContext",
            "AlterByForceContext",
            "AlterByValidateContext",
            "AlterByTableOptionContext",
            "AlterByDefaultCharsetContext",
            "AlterByEnableKeysContext",
            "AlterByDisableKeysContext",
            "AlterByOrderContext",
            "AlterPartitionContext",
            "AlterByAddPartitionContext",
            "AlterByReorganizePartitionContext",
            "AlterByCoalescePartitionContext",
            "AlterByRemovePartitioningContext",
            "AlterByOptimizePartitionContext",
            "AlterByCheckPartitionContext",
            "AlterByAnalyzePartitionContext",
            "AlterByRebuildPartitionContext",
            "AlterByRepairPartitionContext");

    private final TreeMap<String, String> oldNames = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> added = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> addedIfMissing = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> declared = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> generated = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private boolean changesRows;

    private StatementTree() {}

    static StatementTree of(String sql) {
        MariaDBLexer lexer = new MariaDBLexer(new CaseChangingCharStream(CharStreams.fromString(sql), true));
        MariaDBParser parser = new MariaDBParser(new CommonTokenStream(lexer));
        // Errors are told by the other reading of the same text.
        lexer.removeErrorListeners();
        parser.removeErrorListeners();
        StatementTree tree = new StatementTree();
        ParseTreeWalker.DEFAULT.walk(tree.new Listener(), parser.root());
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

    private final class Listener implements ParseTreeListener {
        @Override
        public void enterEveryRule(ParserRuleContext context) {
            boolean specification = context instanceof MariaDBParser.AlterSpecificationContext
                    || context instanceof MariaDBParser.AlterPartitionSpecificationContext;
            changesRows |= specification && !PLAIN.contains(context.getClass().getSimpleName());
            changesRows |= context instanceof MariaDBParser.AlterTableContext alter && alter.IGNORE() != null;
            if (context instanceof MariaDBParser.AlterByAddColumnContext add) {
                (add.ifNotExists() == null ? added : addedIfMissing).add(name(add.uid(0)));
                declare(name(add.uid(0)), add.columnDefinition());
            } else if (context instanceof MariaDBParser.AlterByAddColumnsContext add) {
                for (int i = 0; i < add.columnDefinition().size(); i++) {
                    (add.ifNotExists() == null ? added : addedIfMissing).add(name(add.uid(i)));
                    declare(name(add.uid(i)), add.columnDefinition(i));
                }
            } else if (context instanceof MariaDBParser.AlterByChangeColumnContext change) {
                oldNames.put(name(change.newColumn), name(change.oldColumn));
                declare(name(change.newColumn), change.columnDefinition());
            } else if (context instanceof MariaDBParser.AlterByModifyColumnContext modify) {
                declare(name(modify.uid(0)), modify.columnDefinition());
            } else if (context instanceof MariaDBParser.ColumnDeclarationContext column) {
                declare(name(column.uid()), column.columnDefinition());
            } else if (context instanceof MariaDBParser.AlterByRenameColumnContext rename) {
                oldNames.put(name(rename.newColumn), name(rename.oldColumn));
            }
        }

        private void declare(String name, MariaDBParser.ColumnDefinitionContext definition) {
            declared.add(name);
            boolean isGenerated = definition.columnConstraint().stream()
                    .anyMatch(constraint -> constraint instanceof MariaDBParser.GeneratedColumnConstraintContext);
            if (isGenerated) {
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

    private static String name(MariaDBParser.UidContext uid) {
        String text = uid.getText();
        return text.startsWith("`") ? text.substring(1, text.length() - 1).replace("``", "`") : text;
    }
}
