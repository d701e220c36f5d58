package io.tidemark.ingest.mysql;

import io.debezium.antlr.AntlrDdlParser;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.ParserRuleContext;

/** A server's language, by Debezium's grammar of it. Stateless. */
interface DdlLanguage {
    /** A new parser that keeps tables as statements make them. */
    AntlrDdlParser<?, ?> parser();

    /** The tree of a statement, whatever errors there are in it. */
    ParserRuleContext tree(CharStream sql);

    /** What columns of type {@code json} are. */
    String jsonType();
}
