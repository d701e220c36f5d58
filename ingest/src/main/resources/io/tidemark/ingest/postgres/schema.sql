-- The statements that make a schema anew, in the order to run them. Each query gives: object, schema and table it
-- belongs to, schema and table it refers to, statement. The search path is empty, so that names come out qualified.
-- JDBC: a question mark would be a parameter.

-- before rows: schemas
SELECT 'schema ' || n.nspname, NULL, NULL, NULL, NULL,
       format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname)
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
ORDER BY n.nspname

-- before rows: extensions
SELECT 'extension ' || e.extname, NULL, NULL, NULL, NULL,
       format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', e.extname, n.nspname)
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'
ORDER BY e.oid

-- before rows: types
SELECT 'type ' || format('%I.%I', n.nspname, t.typname), NULL, NULL, NULL, NULL,
       CASE t.typtype
         WHEN 'e' THEN format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
              (SELECT string_agg(quote_literal(v.enumlabel), ', ' ORDER BY v.enumsortorder) FROM pg_catalog.pg_enum v WHERE v.enumtypid = t.oid))
         WHEN 'r' THEN (SELECT format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s)', n.nspname, t.typname, format_type(r.rngsubtype, NULL))
              FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
         WHEN 'd' THEN format('CREATE DOMAIN %I.%I AS %s%s%s%s%s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod),
              CASE WHEN t.typcollation <> b.typcollation THEN (SELECT format(' COLLATE %I.%I', cn.nspname, co.collname)
                FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = t.typcollation) ELSE '' END,
              coalesce(' DEFAULT ' || t.typdefault, ''),
              CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END,
              coalesce((SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname)
                FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), ''))
         ELSE format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
              (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
               FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
       END
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY t.oid

-- before rows: sequences that tables do not bring with them
SELECT 'sequence ' || format('%I.%I', n.nspname, c.relname), tn.nspname, tc.relname, NULL, NULL,
       format('CREATE SEQUENCE %I.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s', n.nspname, c.relname,
              format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
              CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_catalog.pg_depend o ON o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = c.oid AND o.deptype IN ('a', 'i')
  AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.refobjsubid > 0
LEFT JOIN pg_catalog.pg_class tc ON tc.oid = o.refobjid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND o.deptype IS DISTINCT FROM 'i' AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname

-- before rows: functions that need no table
SELECT 'function ' || p.oid::pg_catalog.regprocedure::text, NULL, NULL, NULL, NULL, pg_get_functiondef(p.oid)
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d LEFT JOIN pg_catalog.pg_type t ON t.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_type'::regclass
        LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
        LEFT JOIN pg_catalog.pg_class c ON c.oid IN (t.typrelid, e.typrelid) AND c.relkind IN ('r', 'v', 'p', 'm', 'f')
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
          AND (d.refclassid = 'pg_catalog.pg_class'::regclass OR c.oid IS NOT NULL))
ORDER BY p.oid

-- before rows: tables
SELECT 'table ' || format('%I.%I', n.nspname, c.relname), n.nspname, c.relname, NULL, NULL,
       format('CREATE %sTABLE %I.%I (%s)%s%s%s', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, n.nspname, c.relname,
         coalesce((SELECT string_agg(format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
             CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format(' COLLATE %I.%I', cn.nspname, co.collname)
               FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) ELSE '' END,
             CASE WHEN a.attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(ad.adbin, ad.adrelid))
                  WHEN a.attgenerated = 'v' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(ad.adbin, ad.adrelid))
                  WHEN a.attidentity <> '' THEN (SELECT format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %I.%I INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s)',
                       CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, sn.nspname, sc.relname,
                       s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
                     FROM pg_catalog.pg_depend o JOIN pg_catalog.pg_class sc ON sc.oid = o.objid AND sc.relkind = 'S'
                     JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace JOIN pg_catalog.pg_sequence s ON s.seqrelid = sc.oid
                     WHERE o.classid = 'pg_catalog.pg_class'::regclass AND o.refclassid = 'pg_catalog.pg_class'::regclass
                       AND o.refobjid = c.oid AND o.refobjsubid = a.attnum AND o.deptype = 'i')
                  WHEN ad.oid IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(ad.adbin, ad.adrelid) ELSE '' END,
             CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY a.attnum)
           FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attislocal OR c.relispartition)), ''),
         CASE WHEN NOT c.relispartition THEN coalesce((SELECT format(' INHERITS (%s)', string_agg(i.inhparent::pg_catalog.regclass::text, ', ' ORDER BY i.inhseqno))
           FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid HAVING count(*) > 0), '') ELSE '' END,
         CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) ELSE '' END,
         coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid

-- before rows: partitions
SELECT 'partition ' || format('%I.%I', n.nspname, c.relname), n.nspname, c.relname, pn.nspname, pc.relname,
       format('ALTER TABLE ONLY %I.%I ATTACH PARTITION %I.%I %s', pn.nspname, pc.relname, n.nspname, c.relname, pg_get_expr(c.relpartbound, c.oid))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
JOIN pg_catalog.pg_class pc ON pc.oid = i.inhparent JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
WHERE c.relispartition AND c.relkind IN ('r', 'p')
ORDER BY c.oid

-- after rows: sequence owners
SELECT 'owner of sequence ' || format('%I.%I', n.nspname, c.relname), tn.nspname, tc.relname, NULL, NULL,
       format('ALTER SEQUENCE %I.%I OWNED BY %I.%I.%I', n.nspname, c.relname, tn.nspname, tc.relname, a.attname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_depend o ON o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = c.oid AND o.deptype = 'a'
  AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.refobjsubid > 0
JOIN pg_catalog.pg_class tc ON tc.oid = o.refobjid
JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = tc.oid AND a.attnum = o.refobjsubid
WHERE c.relkind = 'S' AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname

-- after rows: keys and checks
SELECT 'constraint ' || format('%I on %I.%I', k.conname, n.nspname, c.relname), n.nspname, c.relname, NULL, NULL,
       format('ALTER TABLE %s%I.%I ADD CONSTRAINT %I %s', CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END, n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'x', 'c') AND k.conparentid = 0 AND k.conislocal AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relkind = 'p', array_position(ARRAY['c', 'p', 'u', 'x'], k.contype::text), n.nspname, c.relname, k.conname

-- after rows: indexes
SELECT 'index ' || format('%I.%I', n.nspname, ic.relname), n.nspname, c.relname, NULL, NULL,
       CASE c.relkind WHEN 'p' THEN regexp_replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') ELSE pg_get_indexdef(i.indexrelid) END
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT ic.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, ic.relname

-- after rows: replica identities
SELECT 'replica identity of ' || format('%I.%I', n.nspname, c.relname), n.nspname, c.relname, NULL, NULL,
       format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY %s', n.nspname, c.relname,
         CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE
           (SELECT format('USING INDEX %I', ic.relname) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            WHERE i.indrelid = c.oid AND i.indisreplident) END)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relreplident <> 'd' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (c.relreplident <> 'i' OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident))
ORDER BY n.nspname, c.relname

-- after rows: foreign keys
SELECT 'constraint ' || format('%I on %I.%I', k.conname, n.nspname, c.relname), n.nspname, c.relname, fn.nspname, fc.relname,
       format('ALTER TABLE %s%I.%I ADD CONSTRAINT %I %s', CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END, n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conislocal AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname, k.conname

-- after rows: functions that need tables
SELECT 'function ' || p.oid::pg_catalog.regprocedure::text, NULL, NULL, NULL, NULL, pg_get_functiondef(p.oid)
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND EXISTS (SELECT FROM pg_catalog.pg_depend d LEFT JOIN pg_catalog.pg_type t ON t.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_type'::regclass
        LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
        LEFT JOIN pg_catalog.pg_class c ON c.oid IN (t.typrelid, e.typrelid) AND c.relkind IN ('r', 'v', 'p', 'm', 'f')
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
          AND (d.refclassid = 'pg_catalog.pg_class'::regclass OR c.oid IS NOT NULL))
ORDER BY p.oid

-- after rows: views
SELECT CASE c.relkind WHEN 'm' THEN 'materialized view ' ELSE 'view ' END || format('%I.%I', n.nspname, c.relname), NULL, NULL, NULL, NULL,
       format('CREATE %sVIEW %I.%I%s AS %s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, n.nspname, c.relname,
              coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(c.oid), ';'))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid

-- after rows: indexes of materialized views
SELECT 'index ' || format('%I.%I', n.nspname, ic.relname), NULL, NULL, NULL, NULL, pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, ic.relname

-- after rows: triggers
SELECT 'trigger ' || format('%I on %I.%I', t.tgname, n.nspname, c.relname), n.nspname, c.relname, NULL, NULL, pg_get_triggerdef(t.oid)
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname, t.tgname
