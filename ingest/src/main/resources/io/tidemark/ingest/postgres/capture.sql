-- What a capture keeps in its source: a schema with views and functions that describe the database, and event triggers
-- that put every schema change into the log where it happens. Installed anew by every version of Tidemark; only the tables
-- keep what they hold. Nothing here may make a user's statement fail: where it cannot do its work it says so in the log, and
-- capturing starts over.
--
-- Placeholders, between at signs: schema, the capture's schema; source, its name; objects, the queries of objects.sql;
-- exclude, the tables that are left out as an array.

CREATE SCHEMA IF NOT EXISTS @schema@;
COMMENT ON SCHEMA @schema@ IS 'Tidemark capture of this database; see docs/operations.md';

-- The tables as the log knows them, to find out what a statement changed.
CREATE TABLE IF NOT EXISTS @schema@.known_table (
    oid oid PRIMARY KEY,
    types jsonb NOT NULL,   -- attribute number -> type oid
    key int2[] NOT NULL,
    last int2 NOT NULL,     -- the highest attribute number that was ever in use
    rows jsonb NOT NULL
);
-- Enums and composite types as the log knows them: what the text of their values depends on.
CREATE TABLE IF NOT EXISTS @schema@.known_type (oid oid PRIMARY KEY, form jsonb NOT NULL);
-- Tables whose replica identity was set here, because they had none.
CREATE TABLE IF NOT EXISTS @schema@.identified (oid oid PRIMARY KEY);
-- One row while a transaction has a schema change that is not told yet. Unlogged: it never outlives its transaction.
CREATE UNLOGGED TABLE IF NOT EXISTS @schema@.pending (xid xid8 PRIMARY KEY);

-- Schemas that belong to captures.
CREATE OR REPLACE VIEW @schema@.captures AS
SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
WHERE pg_catalog.obj_description(n.oid, 'pg_namespace') LIKE 'Tidemark capture of this database%';

-- Schemas that are backed up.
CREATE OR REPLACE VIEW @schema@.space AS
SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.oid NOT IN (SELECT c.oid FROM @schema@.captures c);

-- Whether an object came with an extension.
CREATE OR REPLACE FUNCTION @schema@.own(class regclass, object oid) RETURNS boolean LANGUAGE sql STABLE AS $fn$
    SELECT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = class AND d.objid = object AND d.deptype = 'e')
$fn$;

-- The tables that are to be captured, whether or not they are published: ordinary tables and partitions.
CREATE OR REPLACE VIEW @schema@.wanted AS
SELECT c.oid, s.nspname, c.relname, c.relreplident, c.relpages, c.relnatts, c.reltype
FROM pg_catalog.pg_class c JOIN @schema@.space s ON s.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND NOT @schema@.own('pg_catalog.pg_class', c.oid)
  AND NOT (c.relname = ANY (@exclude@) OR s.nspname || '.' || c.relname = ANY (@exclude@));

-- The key that tells rows of a table apart, as attribute numbers in ascending order; empty if there is none.
CREATE OR REPLACE FUNCTION @schema@.key_of(relation oid, identity "char") RETURNS int2[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $fn$
    SELECT coalesce((SELECT array_agg(k.n ORDER BY k.n)
                     FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(n, place)
                     WHERE i.indrelid = relation AND i.indisvalid AND i.indimmediate AND k.place <= i.indnkeyatts
                       AND CASE identity WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END), '{}')
$fn$;

-- The captured tables: of one oid, or of all for 0. "rows" is what Tidemark calls a row schema.
CREATE OR REPLACE FUNCTION @schema@.tables(only_oid oid)
RETURNS TABLE (oid oid, nspname name, relname name, has_identity boolean, pages bigint, reltype oid,
               types jsonb, key int2[], last int2, rows jsonb)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
    SELECT w.oid, w.nspname, w.relname, w.relreplident = 'f' OR cardinality(k.key) > 0, w.relpages::bigint, w.reltype,
           a.types, k.key, w.relnatts,
           jsonb_build_object('id', w.oid::text, 'collection', jsonb_build_object('namespace', w.nspname, 'name', w.relname),
             'columns', a.columns,
             'key', (SELECT coalesce(jsonb_agg(array_position(a.numbers, n) - 1 ORDER BY n), '[]') FROM unnest(k.key) n))
    FROM @schema@.wanted w,
         LATERAL (SELECT @schema@.key_of(w.oid, w.relreplident) AS key) k,
         LATERAL (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', a.attnum, 'name', a.attname,
                         'type', format_type(a.atttypid, a.atttypmod),
                         'encoding', CASE a.atttypid WHEN 16 THEN 'BOOLEAN' WHEN 17 THEN 'BYTES' WHEN 20 THEN 'LONG'
                                     WHEN 21 THEN 'INT' WHEN 23 THEN 'INT' WHEN 26 THEN 'LONG' ELSE 'TEXT' END,
                         'missing', CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END)) ORDER BY a.attnum), '[]') AS columns,
                         coalesce(jsonb_object_agg(a.attnum::text, a.atttypid::bigint), '{}') AS types,
                         array_agg(a.attnum ORDER BY a.attnum) AS numbers
                  FROM pg_attribute a
                  WHERE a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') a
    WHERE only_oid = 0 OR w.oid = only_oid
$fn$;

-- Enums and composite types: what the text of their values depends on.
CREATE OR REPLACE VIEW @schema@.types AS
SELECT t.oid, CASE t.typtype
         WHEN 'e' THEN (SELECT coalesce(jsonb_object_agg(v.oid::text, v.enumlabel), '{}') FROM pg_catalog.pg_enum v WHERE v.enumtypid = t.oid)
         ELSE (SELECT coalesce(jsonb_object_agg(a.attnum::text, a.atttypid::bigint), '{}') FROM pg_catalog.pg_attribute a
               WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END AS form
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE t.typnamespace IN (SELECT s.oid FROM @schema@.space s)
  AND (t.typtype = 'e' OR (t.typtype = 'c' AND c.relkind IN ('c', 'r', 'p') AND c.relpersistence <> 't'));

-- Tables that hold values of a type, however deep.
CREATE OR REPLACE FUNCTION @schema@.users_of(used oid) RETURNS SETOF oid LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
    WITH RECURSIVE part(whole, part) AS MATERIALIZED (
        SELECT t.oid, t.typelem FROM pg_type t WHERE t.typelem <> 0 AND t.oid >= 16384
        UNION ALL
        SELECT t.oid, t.typbasetype FROM pg_type t WHERE t.typbasetype <> 0 AND t.oid >= 16384
        UNION ALL
        SELECT c.reltype, a.atttypid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.reltype <> 0 AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT r.rngtypid, r.rngsubtype FROM pg_range r
        UNION ALL
        SELECT r.rngmultitypid, r.rngtypid FROM pg_range r
    ), holder(oid) AS (
        SELECT used UNION SELECT p.whole FROM holder h JOIN part p ON p.part = h.oid
    )
    SELECT DISTINCT a.attrelid FROM pg_attribute a JOIN @schema@.wanted w ON w.oid = a.attrelid
    WHERE a.atttypid IN (SELECT h.oid FROM holder h) AND a.attnum > 0 AND NOT a.attisdropped
$fn$;

CREATE OR REPLACE FUNCTION @schema@.descendants(relation oid) RETURNS SETOF oid LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
    WITH RECURSIVE family(oid) AS (
        SELECT relation UNION SELECT i.inhrelid FROM family f JOIN pg_inherits i ON i.inhparent = f.oid
    )
    SELECT oid FROM family
$fn$;

-- Why rows in the log say no longer what the table holds; NULL if they still do. A column that is only new has its value
-- for old rows in "missing".
CREATE OR REPLACE FUNCTION @schema@.reason_to_read(old @schema@.known_table, types jsonb, key int2[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $fn$
    SELECT CASE
        WHEN old.key <> reason_to_read.key THEN 'another key'
        WHEN EXISTS (SELECT FROM jsonb_each_text(reason_to_read.types) n
                     WHERE n.key::int <= old.last AND NOT old.types ? n.key) THEN 'a column is no longer generated'
        WHEN EXISTS (SELECT FROM jsonb_each_text(reason_to_read.types) n JOIN jsonb_each_text(old.types) o ON o.key = n.key
                     WHERE n.value <> o.value AND NOT (n.value IN ('25', '1043') AND o.value IN ('25', '1043'))) THEN 'another type'
        WHEN cardinality(reason_to_read.key) = 0 AND old.types <> reason_to_read.types THEN 'other columns and no key'
    END
$fn$;

-- Messages are streamed as they are, in no client's encoding: all are UTF-8.
CREATE OR REPLACE FUNCTION @schema@.tell(what text, content text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $fn$
    SELECT pg_logical_emit_message(true, 'tidemark.' || what || '.@source@', convert_to(content, 'UTF8'))
$fn$;

-- Everything that makes a schema, see objects.sql.
CREATE OR REPLACE FUNCTION @schema@.objects()
RETURNS TABLE (place int, phase text, node text, object text, namespace text, name text, ref_namespace text, ref_name text,
               aspect text, roles text[], statement text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, @schema@, pg_temp AS $fn$
BEGIN
@objects@
END
$fn$;

-- What depends on what, by the names objects() uses. What is only a part of something else goes by the whole's name.
CREATE OR REPLACE FUNCTION @schema@.dependencies() RETURNS TABLE (node text, needs text) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
    WITH part(class, oid, whole_class, whole_oid) AS (
        SELECT 'pg_type'::regclass::oid, t.oid,
               CASE WHEN c.relkind <> 'c' THEN 'pg_class'::regclass ELSE 'pg_type'::regclass END::oid,
               CASE WHEN c.relkind <> 'c' THEN c.oid ELSE coalesce(r.rngtypid, e.oid, t.oid) END
        FROM pg_type t LEFT JOIN pg_type e ON e.typarray = t.oid LEFT JOIN pg_range r ON r.rngmultitypid = t.oid
        LEFT JOIN pg_class c ON c.oid = coalesce(nullif(e.typrelid, 0), t.typrelid)
        WHERE t.oid >= 16384 AND (e.oid IS NOT NULL OR r.rngtypid IS NOT NULL OR c.relkind <> 'c')
        UNION ALL
        SELECT 'pg_class'::regclass, c.oid, 'pg_type'::regclass, c.reltype FROM pg_class c WHERE c.relkind = 'c' AND c.oid >= 16384
        UNION ALL
        SELECT 'pg_rewrite'::regclass, r.oid, 'pg_class'::regclass, r.ev_class FROM pg_rewrite r WHERE r.rulename = '_RETURN' AND r.oid >= 16384
        UNION ALL
        SELECT 'pg_constraint'::regclass, k.oid, 'pg_type'::regclass, k.contypid FROM pg_constraint k WHERE k.contypid >= 16384
        UNION ALL
        SELECT 'pg_attrdef'::regclass, d.oid, 'pg_class'::regclass, d.adrelid
        FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE a.attgenerated <> ''
    ), edge AS (
        SELECT coalesce(a.whole_class, d.classid) AS class, coalesce(a.whole_oid, d.objid) AS oid,
               coalesce(b.whole_class, d.refclassid) AS needed_class, coalesce(b.whole_oid, d.refobjid) AS needed_oid
        FROM pg_depend d
        LEFT JOIN part a ON a.class = d.classid AND a.oid = d.objid
        LEFT JOIN part b ON b.class = d.refclassid AND b.oid = d.refobjid
        WHERE d.deptype IN ('n', 'a') AND d.objid >= 16384 AND (d.refobjid >= 16384 OR d.refobjid = 2200)
    )
    SELECT DISTINCT e.class::regclass || '/' || e.oid,
           CASE WHEN x.refobjid IS NULL THEN e.needed_class::regclass || '/' || e.needed_oid ELSE 'pg_extension/' || x.refobjid END
    FROM edge e
    LEFT JOIN pg_depend x ON x.classid = e.needed_class AND x.objid = e.needed_oid AND x.deptype = 'e'
    WHERE (e.class, e.oid) <> (e.needed_class, e.needed_oid)
      AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.classid = e.class AND m.objid = e.oid AND m.deptype = 'e')
$fn$;

-- Whether the capture's publication has a table.
CREATE OR REPLACE FUNCTION @schema@.published(relation oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
    SELECT EXISTS (SELECT FROM pg_publication p WHERE p.pubname = '@schema@'
                   AND (p.puballtables OR EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = relation)))
$fn$;

-- The whole schema, as one JSON object.
CREATE OR REPLACE FUNCTION @schema@.schema() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, MDY' SET intervalstyle = postgres SET extra_float_digits = 3
SET bytea_output = hex SET xmloption = content SET timezone = 'UTC' SET quote_all_identifiers = off AS $fn$
    SELECT json_build_object(
        'version', current_setting('server_version'),
        'objects', (SELECT coalesce(json_agg(o), '[]') FROM @schema@.objects() o),
        'dependencies', (SELECT coalesce(json_agg(json_build_array(d.node, d.needs)), '[]') FROM @schema@.dependencies() d),
        'tables', (SELECT coalesce(json_agg(t.rows ORDER BY t.nspname, t.relname), '[]') FROM @schema@.tables(0) t
                   WHERE @schema@.published(t.oid)))::text
$fn$;

-- Puts all rows of a table into the log, in place of whatever the log had of it. The values have the form of the stream.
CREATE OR REPLACE FUNCTION @schema@.read_again(relation oid, lock_first boolean) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, MDY' SET intervalstyle = postgres SET extra_float_digits = 3
SET bytea_output = hex SET xmloption = content SET timezone = 'UTC' SET row_security = off AS $fn$
DECLARE
    shape jsonb;
    fields text;
BEGIN
    IF lock_first THEN
        -- Whoever commits a row between this reading and our commit would stand before us in the log.
        EXECUTE format('LOCK TABLE %s IN SHARE MODE', relation::regclass);
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            PERFORM @schema@.tell('broken', format('the schema change of %s ran in a transaction whose snapshot is older than the rows', relation::regclass));
            RETURN;
        END IF;
    END IF;
    SELECT t.rows INTO shape FROM @schema@.tables(relation) t;
    PERFORM @schema@.tell('reread', shape::text);
    SELECT string_agg(quote_ident(c.value ->> 'name'), ', ' ORDER BY c.ordinality) INTO fields
    FROM jsonb_array_elements(shape -> 'columns') WITH ORDINALITY c;
    EXECUTE format('SELECT count(pg_logical_emit_message(true, %L, convert_to(ROW(%s)::text, ''UTF8''))) FROM ONLY %s', 'tidemark.row.@source@', fields, relation::regclass);
END
$fn$;

-- Compares tables with what the log knows of them and tells the log the differences. New tables may come filled.
CREATE OR REPLACE FUNCTION @schema@.compare(relations oid[], rewritten oid[], filled boolean) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
    now record;
    was @schema@.known_table;
    published boolean;
    reason text;
BEGIN
    FOR now IN SELECT t.* FROM (SELECT DISTINCT r FROM unnest(coalesce(relations, '{0}')) r) d, LATERAL @schema@.tables(d.r) t LOOP
        SELECT k.* INTO was FROM @schema@.known_table k WHERE k.oid = now.oid;
        published := @schema@.published(now.oid);
        IF published AND was.oid IS NOT NULL AND was.rows = now.rows AND NOT now.oid = ANY (rewritten) THEN
            CONTINUE;
        END IF;
        INSERT INTO @schema@.known_table VALUES (now.oid, now.types, now.key, now.last, now.rows)
        ON CONFLICT (oid) DO UPDATE SET types = excluded.types, key = excluded.key, last = excluded.last, rows = excluded.rows;
        IF NOT published THEN
            EXECUTE format('ALTER PUBLICATION %I ADD TABLE ONLY %s', '@schema@', now.oid::regclass);
            reason := 'new';
        ELSIF was.oid IS NULL THEN
            reason := CASE WHEN filled THEN 'new' END;
        ELSE
            reason := @schema@.reason_to_read(was, now.types, now.key);
        END IF;
        IF now.oid = ANY (rewritten) THEN
            PERFORM @schema@.read_again(now.oid, false);
        ELSIF reason IS NOT NULL THEN
            PERFORM @schema@.read_again(now.oid, true);
        ELSE
            PERFORM @schema@.tell('shape', now.rows::text);
        END IF;
    END LOOP;
END
$fn$;

CREATE OR REPLACE FUNCTION @schema@.is_enum(type oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
    SELECT EXISTS (SELECT FROM pg_type t WHERE t.oid = type AND t.typtype = 'e')
$fn$;

-- Reads tables again whose values look different since a type was altered.
CREATE OR REPLACE FUNCTION @schema@.compare_types(done oid[]) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
    now record;
    was jsonb;
    relation oid;
BEGIN
    FOR now IN SELECT t.oid, t.form FROM @schema@.types t LOOP
        SELECT k.form INTO was FROM @schema@.known_type k WHERE k.oid = now.oid;
        IF was = now.form THEN
            CONTINUE;
        END IF;
        INSERT INTO @schema@.known_type VALUES (now.oid, now.form) ON CONFLICT (oid) DO UPDATE SET form = excluded.form;
        -- A new label of an enum stands in no row yet.
        IF was IS NOT NULL AND NOT (now.form @> was AND @schema@.is_enum(now.oid)) THEN
            FOR relation IN SELECT u FROM @schema@.users_of(now.oid) u WHERE NOT u = ANY (done) ORDER BY 1 LOOP
                PERFORM @schema@.read_again(relation, true);
            END LOOP;
        END IF;
    END LOOP;
END
$fn$;

-- The tables as they are now become what the log knows; for the beginning of a copy.
CREATE OR REPLACE FUNCTION @schema@.remember() RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $fn$
    DELETE FROM @schema@.known_table;
    INSERT INTO @schema@.known_table SELECT t.oid, t.types, t.key, t.last, t.rows FROM @schema@.tables(0) t;
    DELETE FROM @schema@.known_type;
    INSERT INTO @schema@.known_type SELECT t.oid, t.form FROM @schema@.types t;
$fn$;

-- A published table without identity refuses the application's own UPDATE and DELETE: tables that come without get one,
-- and lose it again when they have a key of their own.
CREATE OR REPLACE FUNCTION @schema@.identify(relation oid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
    now record;
BEGIN
    SELECT w.oid, w.relreplident, @schema@.key_of(w.oid, 'd') AS primary_key, @schema@.key_of(w.oid, w.relreplident) AS key INTO now
    FROM @schema@.wanted w WHERE w.oid = relation;
    IF now.oid IS NULL THEN
        RETURN;
    ELSIF now.relreplident <> 'f' AND cardinality(now.key) = 0 THEN
        EXECUTE format('ALTER TABLE ONLY %s REPLICA IDENTITY FULL', relation::regclass);
        INSERT INTO @schema@.identified VALUES (relation) ON CONFLICT DO NOTHING;
    ELSIF now.relreplident = 'f' AND cardinality(now.primary_key) > 0 AND EXISTS (SELECT FROM @schema@.identified i WHERE i.oid = relation) THEN
        EXECUTE format('ALTER TABLE ONLY %s REPLICA IDENTITY DEFAULT', relation::regclass);
        DELETE FROM @schema@.identified i WHERE i.oid = relation;
    END IF;
END
$fn$;

-- Takes back what identify() did.
CREATE OR REPLACE FUNCTION @schema@.unidentify() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
    relation oid;
BEGIN
    FOR relation IN DELETE FROM @schema@.identified RETURNING oid LOOP
        IF EXISTS (SELECT FROM pg_class c WHERE c.oid = relation AND c.relkind = 'r' AND c.relreplident = 'f') THEN
            EXECUTE format('ALTER TABLE ONLY %s REPLICA IDENTITY DEFAULT', relation::regclass);
        END IF;
    END LOOP;
END
$fn$;

CREATE OR REPLACE FUNCTION @schema@.expect() RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $fn$
    INSERT INTO @schema@.pending (xid) VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING
$fn$;

-- The tables that the statement that is running has rewritten so far.
CREATE OR REPLACE FUNCTION @schema@.rewritten() RETURNS oid[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
    SELECT coalesce(nullif(current_setting('@schema@.rewritten', true), ''), '{}')::oid[]
$fn$;

-- Where one of the following goes wrong, it says so, here and in the log; the user's own statement goes on.

CREATE OR REPLACE FUNCTION @schema@.on_rewrite() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
    PERFORM set_config('@schema@.rewritten',
        array_append(@schema@.rewritten(), pg_event_trigger_table_rewrite_oid())::text, true);
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Tidemark could not record %: %; its capture of this database will start over', tg_tag, sqlerrm;
    PERFORM pg_logical_emit_message(true, 'tidemark.broken.@source@', convert_to(tg_tag || ' could not be recorded: ' || sqlerrm, 'UTF8'));
END
$fn$;

CREATE OR REPLACE FUNCTION @schema@.on_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, MDY' SET intervalstyle = postgres SET extra_float_digits = 3
SET bytea_output = hex SET xmloption = content SET timezone = 'UTC' SET row_security = off AS $fn$
BEGIN
    IF coalesce(current_setting('@schema@.busy', true), '') <> 'on'
       AND EXISTS (SELECT FROM pg_event_trigger_dropped_objects() o WHERE NOT o.is_temporary AND o.schema_name IS DISTINCT FROM '@schema@') THEN
        PERFORM @schema@.expect();
        IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() o WHERE o.object_type = 'publication' AND o.object_name = '@schema@') THEN
            PERFORM @schema@.tell('broken', 'the publication @schema@ was dropped');
        ELSIF tg_tag LIKE 'DROP %' OR tg_tag = 'ALTER PUBLICATION' THEN
            -- CASCADE may take columns of tables that are not named.
            PERFORM set_config('@schema@.busy', 'on', true);
            PERFORM @schema@.identify(w.oid) FROM @schema@.wanted w WHERE w.relreplident <> 'f';
            PERFORM @schema@.compare(NULL, '{}', false);
            DELETE FROM @schema@.known_table k WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = k.oid);
            DELETE FROM @schema@.known_type k WHERE NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = k.oid);
            PERFORM set_config('@schema@.busy', 'off', true);
        END IF;
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Tidemark could not record %: %; its capture of this database will start over', tg_tag, sqlerrm;
    PERFORM pg_logical_emit_message(true, 'tidemark.broken.@source@', convert_to(tg_tag || ' could not be recorded: ' || sqlerrm, 'UTF8'));
END
$fn$;

CREATE OR REPLACE FUNCTION @schema@.on_change() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, MDY' SET intervalstyle = postgres SET extra_float_digits = 3
SET bytea_output = hex SET xmloption = content SET timezone = 'UTC' SET row_security = off AS $fn$
DECLARE
    relations oid[];
    altered oid[];
    whole boolean;
BEGIN
    IF coalesce(current_setting('@schema@.busy', true), '') = 'on' OR tg_tag IN ('REFRESH MATERIALIZED VIEW', 'REINDEX')
       OR NOT EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c
                      WHERE c.schema_name IS DISTINCT FROM 'pg_temp' AND c.schema_name IS DISTINCT FROM '@schema@' AND NOT c.in_extension) THEN
        RETURN;
    END IF;
    PERFORM set_config('@schema@.busy', 'on', true);
    PERFORM @schema@.expect();
    IF tg_tag = 'ALTER PUBLICATION' AND NOT EXISTS (
        SELECT FROM pg_publication p WHERE p.pubname = '@schema@' AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AND NOT p.pubviaroot) THEN
        PERFORM @schema@.tell('broken', 'the publication @schema@ was altered and left changes out');
    END IF;
    SELECT array_agg(DISTINCT d), bool_or(c.command_tag IN ('ALTER SCHEMA', 'ALTER TYPE', 'ALTER DOMAIN', 'ALTER PUBLICATION', 'ALTER EXTENSION'))
    INTO relations, whole
    FROM pg_event_trigger_ddl_commands() c LEFT JOIN LATERAL @schema@.descendants(
        CASE WHEN c.classid = 'pg_class'::regclass THEN coalesce((SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = c.objid), c.objid) END) d ON true
    WHERE c.schema_name IS DISTINCT FROM 'pg_temp' AND c.schema_name IS DISTINCT FROM '@schema@';
    altered := @schema@.rewritten();
    PERFORM set_config('@schema@.rewritten', '', true);
    PERFORM @schema@.identify(r) FROM unnest(relations) r WHERE r IS NOT NULL;
    PERFORM @schema@.compare(CASE WHEN NOT whole THEN array_remove(relations, NULL) || altered END, altered,
        tg_tag IN ('CREATE TABLE AS', 'SELECT INTO'));
    IF tg_tag IN ('ALTER TYPE', 'ALTER TABLE', 'CREATE TYPE', 'CREATE TABLE', 'CREATE SCHEMA') THEN
        PERFORM @schema@.compare_types(altered);
    END IF;
    PERFORM set_config('@schema@.busy', 'off', true);
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Tidemark could not record %: %; its capture of this database will start over', tg_tag, sqlerrm;
    PERFORM pg_logical_emit_message(true, 'tidemark.broken.@source@', convert_to(tg_tag || ' could not be recorded: ' || sqlerrm, 'UTF8'));
END
$fn$;

-- At the end of a transaction that changed the schema: the schema it leaves behind.
CREATE OR REPLACE FUNCTION @schema@.on_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
    DELETE FROM @schema@.pending p WHERE p.xid = new.xid;
    PERFORM @schema@.tell('schema', @schema@.schema());
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Tidemark could not record %: %; its capture of this database will start over', 'the schema', sqlerrm;
    PERFORM pg_logical_emit_message(true, 'tidemark.broken.@source@', convert_to('the schema' || ' could not be recorded: ' || sqlerrm, 'UTF8'));
    RETURN NULL;
END
$fn$;

DROP TRIGGER IF EXISTS on_commit ON @schema@.pending;
CREATE CONSTRAINT TRIGGER on_commit AFTER INSERT ON @schema@.pending DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION @schema@.on_commit();
ALTER TABLE @schema@.pending ENABLE ALWAYS TRIGGER on_commit;
REVOKE ALL ON ALL TABLES IN SCHEMA @schema@ FROM PUBLIC;

-- What the following is for: roles that may not make event triggers. Schema changes are then noticed late, by looking.

CREATE TABLE IF NOT EXISTS @schema@.told (one boolean PRIMARY KEY DEFAULT true CHECK (one), hash text NOT NULL);

-- Takes a table as it is now, and tells why the log cannot follow; NULL if it can.
CREATE OR REPLACE FUNCTION @schema@.accept(relation oid) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
    reason text;
BEGIN
    SELECT @schema@.reason_to_read(k, t.types, t.key) INTO reason
    FROM @schema@.known_table k, @schema@.tables(relation) t WHERE k.oid = relation;
    INSERT INTO @schema@.known_table SELECT t.oid, t.types, t.key, t.last, t.rows FROM @schema@.tables(relation) t
    ON CONFLICT (oid) DO UPDATE SET types = excluded.types, key = excluded.key, last = excluded.last, rows = excluded.rows;
    RETURN reason;
END
$fn$;

-- Looks whether the schema is still what the log was told last, and tells it if not.
CREATE OR REPLACE FUNCTION @schema@.look() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
    now text := @schema@.schema();
    changed record;
    reason text;
BEGIN
    IF EXISTS (SELECT FROM @schema@.told WHERE hash = md5(now)) THEN
        RETURN;
    END IF;
    INSERT INTO @schema@.told (hash) VALUES (md5(now)) ON CONFLICT (one) DO UPDATE SET hash = excluded.hash;
    FOR changed IN SELECT t.oid, t.rows FROM @schema@.tables(0) t LEFT JOIN @schema@.known_table k ON k.oid = t.oid
                   WHERE @schema@.published(t.oid) AND t.rows IS DISTINCT FROM k.rows LOOP
        reason := @schema@.accept(changed.oid);
        IF reason IS NOT NULL THEN
            PERFORM @schema@.tell('broken', format('%s has %s, and without event triggers its rows cannot be read in their place', changed.oid::regclass, reason));
        ELSE
            PERFORM @schema@.tell('shape', changed.rows::text);
        END IF;
    END LOOP;
    FOR changed IN SELECT t.oid, t.form, k.form AS was FROM @schema@.types t LEFT JOIN @schema@.known_type k ON k.oid = t.oid
                   WHERE t.form IS DISTINCT FROM k.form LOOP
        INSERT INTO @schema@.known_type VALUES (changed.oid, changed.form) ON CONFLICT (oid) DO UPDATE SET form = excluded.form;
        IF changed.was IS NOT NULL AND NOT (changed.form @> changed.was AND @schema@.is_enum(changed.oid))
           AND EXISTS (SELECT FROM @schema@.users_of(changed.oid)) THEN
            PERFORM @schema@.tell('broken', format('type %s was altered, and without event triggers the rows that hold it cannot be read in their place', changed.oid::regtype));
        END IF;
    END LOOP;
    PERFORM @schema@.tell('schema', now);
END
$fn$;
