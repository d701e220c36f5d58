-- The event triggers of a capture; only superusers may make them. See capture.sql.

DROP EVENT TRIGGER IF EXISTS @schema@_rewrite;
DROP EVENT TRIGGER IF EXISTS @schema@_drop;
DROP EVENT TRIGGER IF EXISTS @schema@_change;
CREATE EVENT TRIGGER @schema@_rewrite ON table_rewrite EXECUTE FUNCTION @schema@.on_rewrite();
CREATE EVENT TRIGGER @schema@_drop ON sql_drop EXECUTE FUNCTION @schema@.on_drop();
CREATE EVENT TRIGGER @schema@_change ON ddl_command_end EXECUTE FUNCTION @schema@.on_change();
ALTER EVENT TRIGGER @schema@_rewrite ENABLE ALWAYS;
ALTER EVENT TRIGGER @schema@_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER @schema@_change ENABLE ALWAYS;
