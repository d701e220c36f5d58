-- The statements that make a schema anew. Each section is one query and gives rows of
--   node         the system catalog and oid of what the statement makes, "pg_class/16384"; NULL if nothing depends on it
--   object       what it is called in messages
--   namespace, name            the table it belongs to, if it belongs to one
--   ref_namespace, ref_name    another table it needs
--   aspect       t(able), e(mpty table: never has rows of its own), d(efinition of something else), o(wner), p(rivileges)
--   roles        roles that must exist
--   text         the statement
-- A section's head is "-- NUMBER [b(efore) or a(fter) the rows] [since VERSION]: what"; the numbers are the order in which
-- statements run wherever dependencies leave a choice, and what something before the rows needs comes before them too. Reserved names: space, the schemas that are dumped; own(class, oid),
-- whether an object came with an extension. The search path is empty, so that names come out qualified. Columns that
-- not every version has are read through to_jsonb.

-- 10 b: schemas
SELECT 'pg_namespace/' || s.oid, 'schema ' || s.nspname, NULL::text, NULL::text, NULL::text, NULL::text, 'd', NULL::text[],
       format('CREATE SCHEMA IF NOT EXISTS %I', s.nspname)
FROM space s
WHERE s.nspname <> 'public' AND NOT own('pg_namespace', s.oid)

-- 20 b: extensions
SELECT 'pg_extension/' || e.oid, 'extension ' || e.extname, NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', e.extname, n.nspname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'

-- 29 b: collations
SELECT 'pg_collation/' || c.oid, format('collation %I.%I', s.nspname, c.collname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE COLLATION %I.%I (%s)', s.nspname, c.collname, concat_ws(', ',
         format('provider = %s', CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END),
         CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END,
         CASE WHEN j.locale IS NOT NULL THEN format('locale = %L', j.locale)
              WHEN c.collcollate = c.collctype THEN format('locale = %L', c.collcollate)
              ELSE format('lc_collate = %L, lc_ctype = %L', c.collcollate, c.collctype) END,
         CASE WHEN to_jsonb(c) ->> 'collicurules' IS NOT NULL THEN format('rules = %L', to_jsonb(c) ->> 'collicurules') END))
FROM pg_collation c JOIN space s ON s.oid = c.collnamespace,
     LATERAL (SELECT coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale') AS locale) j
WHERE NOT own('pg_collation', c.oid)

-- 30 b: enums
SELECT 'pg_type/' || t.oid, format('type %I.%I', s.nspname, t.typname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE TYPE %I.%I AS ENUM (%s)', s.nspname, t.typname,
         (SELECT string_agg(quote_literal(v.enumlabel), ', ' ORDER BY v.enumsortorder) FROM pg_enum v WHERE v.enumtypid = t.oid))
FROM pg_type t JOIN space s ON s.oid = t.typnamespace
WHERE t.typtype = 'e' AND NOT own('pg_type', t.oid)

-- 30 b: composite types
SELECT 'pg_type/' || t.oid, format('type %I.%I', s.nspname, t.typname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE TYPE %I.%I AS (%s)', s.nspname, t.typname,
         (SELECT string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
              CASE WHEN a.attcollation <> at.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END), ', ' ORDER BY a.attnum)
          FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
          WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
FROM pg_type t JOIN space s ON s.oid = t.typnamespace JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
WHERE t.typtype = 'c' AND NOT own('pg_type', t.oid)

-- 30 b: domains
SELECT 'pg_type/' || t.oid, format('domain %I.%I', s.nspname, t.typname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE DOMAIN %I.%I AS %s%s%s%s%s', s.nspname, t.typname, format_type(t.typbasetype, t.typtypmod),
         CASE WHEN t.typcollation <> b.typcollation THEN ' COLLATE ' || t.typcollation::regcollation ELSE '' END,
         coalesce(' DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)), ''),
         CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END,
         coalesce((SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname)
                   FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' AND k.convalidated), ''))
FROM pg_type t JOIN space s ON s.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd' AND NOT own('pg_type', t.oid)

-- 60 a: constraints of domains that are not validated
SELECT NULL, format('constraint %I on domain %I.%I', k.conname, s.nspname, t.typname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('ALTER DOMAIN %I.%I ADD CONSTRAINT %I %s', s.nspname, t.typname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN space s ON s.oid = t.typnamespace
WHERE k.contype = 'c' AND NOT k.convalidated AND NOT own('pg_type', t.oid)

-- 30 b: range types
SELECT 'pg_type/' || t.oid, format('type %I.%I', s.nspname, t.typname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE TYPE %I.%I AS RANGE (%s)', s.nspname, t.typname, concat_ws(', ',
         format('SUBTYPE = %s', format_type(r.rngsubtype, NULL)),
         (SELECT format('SUBTYPE_OPCLASS = %I.%I', n.nspname, o.opcname) FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
          WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
         CASE WHEN r.rngcollation <> st.typcollation THEN 'COLLATION = ' || r.rngcollation::regcollation END,
         CASE WHEN r.rngsubdiff <> 0 THEN 'SUBTYPE_DIFF = ' || r.rngsubdiff::regproc END,
         format('MULTIRANGE_TYPE_NAME = %s', r.rngmultitypid::regtype)))
FROM pg_type t JOIN space s ON s.oid = t.typnamespace JOIN pg_range r ON r.rngtypid = t.oid JOIN pg_type st ON st.oid = r.rngsubtype
WHERE t.typtype = 'r' AND r.rngcanonical = 0 AND NOT own('pg_type', t.oid)

-- 40 a: functions and procedures
SELECT 'pg_proc/' || p.oid, format('%s %s', CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, p.oid::regprocedure),
       NULL, NULL, NULL, NULL, 'd', NULL, pg_get_functiondef(p.oid)
FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p', 'w') AND NOT own('pg_proc', p.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')

-- 41 a: aggregates
SELECT 'pg_proc/' || p.oid, format('aggregate %s', p.oid::regprocedure), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE AGGREGATE %I.%I(%s) (%s)', s.nspname, p.proname,
         coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'), concat_ws(', ',
         format('SFUNC = %s, STYPE = %s', a.aggtransfn::regproc, format_type(a.aggtranstype, NULL)),
         CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END,
         CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn::regproc END,
         CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
         CASE WHEN a.aggfinalfn <> 0 AND a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
              THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
         CASE WHEN a.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn::regproc END,
         CASE WHEN a.aggserialfn <> 0 THEN format('SERIALFUNC = %s, DESERIALFUNC = %s', a.aggserialfn::regproc, a.aggdeserialfn::regproc) END,
         'INITCOND = ' || quote_literal(a.agginitval),
         CASE WHEN a.aggmtransfn <> 0 THEN format('MSFUNC = %s, MINVFUNC = %s, MSTYPE = %s', a.aggmtransfn::regproc,
              a.aggminvtransfn::regproc, format_type(a.aggmtranstype, NULL)) END,
         CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE = ' || a.aggmtransspace END,
         CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC = ' || a.aggmfinalfn::regproc END,
         CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
         'MINITCOND = ' || quote_literal(a.aggminitval),
         (SELECT format('SORTOP = OPERATOR(%I.%s)', n.nspname, o.oprname) FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
          WHERE o.oid = a.aggsortop),
         CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
         CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END))
FROM pg_proc p JOIN pg_aggregate a ON a.aggfnoid = p.oid JOIN space s ON s.oid = p.pronamespace
WHERE NOT own('pg_proc', p.oid)

-- 42 a: operators
SELECT 'pg_operator/' || o.oid, format('operator %s', o.oid::regoperator), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE OPERATOR %I.%s (%s)', s.nspname, o.oprname, concat_ws(', ',
         'FUNCTION = ' || o.oprcode::regproc,
         CASE WHEN o.oprleft <> 0 THEN 'LEFTARG = ' || format_type(o.oprleft, NULL) END,
         CASE WHEN o.oprright <> 0 THEN 'RIGHTARG = ' || format_type(o.oprright, NULL) END,
         (SELECT format('COMMUTATOR = OPERATOR(%I.%s)', n.nspname, x.oprname) FROM pg_operator x JOIN pg_namespace n ON n.oid = x.oprnamespace WHERE x.oid = o.oprcom),
         (SELECT format('NEGATOR = OPERATOR(%I.%s)', n.nspname, x.oprname) FROM pg_operator x JOIN pg_namespace n ON n.oid = x.oprnamespace WHERE x.oid = o.oprnegate),
         CASE WHEN o.oprrest <> 0 THEN 'RESTRICT = ' || o.oprrest::regproc END,
         CASE WHEN o.oprjoin <> 0 THEN 'JOIN = ' || o.oprjoin::regproc END,
         CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END))
FROM pg_operator o JOIN space s ON s.oid = o.oprnamespace
WHERE o.oprcode <> 0 AND NOT own('pg_operator', o.oid)

-- 43 a: casts
SELECT 'pg_cast/' || k.oid, format('cast (%s AS %s)', format_type(k.castsource, NULL), format_type(k.casttarget, NULL)),
       NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE CAST (%s AS %s) %s%s', format_type(k.castsource, NULL), format_type(k.casttarget, NULL),
         CASE k.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END,
         CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END)
FROM pg_cast k
WHERE k.oid >= 16384 AND NOT own('pg_cast', k.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = k.oid AND d.deptype = 'i')

-- 44 b: text search dictionaries
SELECT 'pg_ts_dict/' || d.oid, format('text search dictionary %I.%I', s.nspname, d.dictname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %I.%I%s)', s.nspname, d.dictname, n.nspname, t.tmplname,
         coalesce(', ' || d.dictinitoption, ''))
FROM pg_ts_dict d JOIN space s ON s.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE NOT own('pg_ts_dict', d.oid)

-- 45 b: text search configurations
SELECT 'pg_ts_config/' || c.oid, format('text search configuration %I.%I', s.nspname, c.cfgname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I)%s', s.nspname, c.cfgname, n.nspname, p.prsname,
         coalesce((SELECT string_agg(format('; ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %s WITH %s',
              s.nspname, c.cfgname, m.alias, m.dicts), '' ORDER BY m.alias)
            FROM (SELECT (SELECT t.alias FROM ts_token_type(c.cfgparser) t WHERE t.tokid = m.maptokentype) AS alias,
                         string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dicts
                  FROM pg_ts_config_map m WHERE m.mapcfg = c.oid GROUP BY m.maptokentype) m), ''))
FROM pg_ts_config c JOIN space s ON s.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE NOT own('pg_ts_config', c.oid)

-- 46 b: foreign data wrappers
SELECT 'pg_foreign_data_wrapper/' || w.oid, format('foreign data wrapper %I', w.fdwname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE FOREIGN DATA WRAPPER %I%s%s%s', w.fdwname,
         CASE WHEN w.fdwhandler <> 0 THEN ' HANDLER ' || w.fdwhandler::regproc ELSE '' END,
         CASE WHEN w.fdwvalidator <> 0 THEN ' VALIDATOR ' || w.fdwvalidator::regproc ELSE '' END,
         coalesce((SELECT ' OPTIONS (' || string_agg(format('%I %L', o.option_name, o.option_value), ', ') || ')' FROM pg_options_to_table(w.fdwoptions) o), ''))
FROM pg_foreign_data_wrapper w
WHERE NOT own('pg_foreign_data_wrapper', w.oid)

-- 47 b: foreign servers
SELECT 'pg_foreign_server/' || f.oid, format('server %I', f.srvname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE SERVER %I%s%s FOREIGN DATA WRAPPER %I%s', f.srvname,
         coalesce(' TYPE ' || quote_literal(f.srvtype), ''), coalesce(' VERSION ' || quote_literal(f.srvversion), ''), w.fdwname,
         coalesce((SELECT ' OPTIONS (' || string_agg(format('%I %L', o.option_name, o.option_value), ', ') || ')' FROM pg_options_to_table(f.srvoptions) o), ''))
FROM pg_foreign_server f JOIN pg_foreign_data_wrapper w ON w.oid = f.srvfdw
WHERE NOT own('pg_foreign_server', f.oid)

-- 48 b: user mappings
SELECT NULL, format('user mapping on server %I', u.srvname), NULL, NULL, NULL, NULL, 'p',
       CASE WHEN u.umuser <> 0 THEN ARRAY[u.usename::text] END,
       format('CREATE USER MAPPING FOR %s SERVER %I%s', CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END, u.srvname,
         coalesce((SELECT ' OPTIONS (' || string_agg(format('%I %L', o.option_name, o.option_value), ', ') || ')' FROM pg_options_to_table(u.umoptions) o), ''))
FROM pg_user_mappings u

-- 50 b: sequences that tables do not bring with them
SELECT 'pg_class/' || c.oid, format('sequence %I.%I', s.nspname, c.relname), tn.nspname, tc.relname, NULL, NULL, 'd', NULL,
       format('CREATE %sSEQUENCE %I.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s',
         CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, s.nspname, c.relname,
         format_type(q.seqtypid, NULL), q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END)
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
JOIN pg_sequence q ON q.seqrelid = c.oid
LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype IN ('a', 'i')
  AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0
LEFT JOIN pg_class tc ON tc.oid = o.refobjid
LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace
WHERE o.deptype IS DISTINCT FROM 'i' AND c.relpersistence <> 't' AND NOT own('pg_class', c.oid)

-- 51 b: tables
SELECT 'pg_class/' || c.oid, format('table %I.%I', s.nspname, c.relname), s.nspname, c.relname, NULL, NULL,
       CASE c.relkind WHEN 'p' THEN 'e' ELSE 't' END, NULL,
       format('CREATE %sTABLE %I.%I %s%s%s%s', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, s.nspname, c.relname,
         CASE WHEN c.reloftype <> 0 THEN 'OF ' || c.reloftype::regtype
              || coalesce((SELECT ' (' || string_agg(format('%I WITH OPTIONS NOT NULL', a.attname), ', ' ORDER BY a.attnum) || ')'
                   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attnotnull), '')
         ELSE '(' || coalesce((SELECT string_agg(format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
             CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END,
             CASE WHEN a.attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(ad.adbin, ad.adrelid))
                  WHEN a.attgenerated = 'v' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(ad.adbin, ad.adrelid))
                  WHEN a.attidentity <> '' THEN coalesce((SELECT format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %I.%I INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s)',
                       CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, sn.nspname, sc.relname,
                       q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END)
                     FROM pg_depend o JOIN pg_class sc ON sc.oid = o.objid AND sc.relkind = 'S'
                     JOIN pg_namespace sn ON sn.oid = sc.relnamespace JOIN pg_sequence q ON q.seqrelid = sc.oid
                     WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
                       AND o.refobjid = c.oid AND o.refobjsubid = a.attnum AND o.deptype = 'i'), '')
                  ELSE '' END,
             CASE WHEN a.attnotnull THEN coalesce((SELECT format(' CONSTRAINT %I NOT NULL%s', k.conname, CASE WHEN k.connoinherit THEN ' NO INHERIT' ELSE '' END)
                    FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND k.convalidated), ' NOT NULL') ELSE '' END), ', ' ORDER BY a.attnum)
           FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attislocal OR c.relispartition)), '') || ')' END,
         CASE WHEN NOT c.relispartition THEN coalesce((SELECT format(' INHERITS (%s)', string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno))
           FROM pg_inherits i WHERE i.inhrelid = c.oid HAVING count(*) > 0), '') ELSE '' END,
         CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) ELSE '' END,
         coalesce(' WITH (' || nullif(array_to_string(c.reloptions || (SELECT array_agg('toast.' || x) FROM pg_class tt, unnest(tt.reloptions) x WHERE tt.oid = c.reltoastrelid), ', '), '') || ')', ''))
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND NOT own('pg_class', c.oid)

-- 51 b: foreign tables
SELECT 'pg_class/' || c.oid, format('foreign table %I.%I', s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'e', NULL,
       format('CREATE FOREIGN TABLE %I.%I (%s) SERVER %I%s', s.nspname, c.relname,
         coalesce((SELECT string_agg(format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
             coalesce((SELECT ' OPTIONS (' || string_agg(format('%I %L', o.option_name, o.option_value), ', ') || ')' FROM pg_options_to_table(a.attfdwoptions) o), ''),
             CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END,
             CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY a.attnum)
           FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), ''),
         f.srvname,
         coalesce((SELECT ' OPTIONS (' || string_agg(format('%I %L', o.option_name, o.option_value), ', ') || ')' FROM pg_options_to_table(ft.ftoptions) o), ''))
FROM pg_class c JOIN space s ON s.oid = c.relnamespace JOIN pg_foreign_table ft ON ft.ftrelid = c.oid JOIN pg_foreign_server f ON f.oid = ft.ftserver
WHERE NOT own('pg_class', c.oid)

-- 52 b: partitions
SELECT NULL, format('partition %I.%I', s.nspname, c.relname), s.nspname, c.relname, pn.nspname, pc.relname, 'd', NULL,
       format('ALTER TABLE ONLY %I.%I ATTACH PARTITION %I.%I %s', pn.nspname, pc.relname, s.nspname, c.relname, pg_get_expr(c.relpartbound, c.oid))
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
JOIN pg_inherits i ON i.inhrelid = c.oid
JOIN pg_class pc ON pc.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f')

-- 53 b: NOT NULL of inherited columns
SELECT NULL, format('NOT NULL of %I.%I.%I', s.nspname, c.relname, a.attname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       format('ALTER TABLE ONLY %I.%I ALTER COLUMN %I SET NOT NULL', s.nspname, c.relname, a.attname)
FROM pg_class c JOIN space s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND NOT c.relispartition AND a.attnum > 0 AND a.attnotnull AND NOT a.attislocal AND NOT a.attisdropped
  AND NOT own('pg_class', c.oid)
  AND NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_attribute pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname AND pa.attnotnull WHERE i.inhrelid = c.oid)

-- 54 b: settings of columns
SELECT NULL, format('settings of %I.%I.%I', s.nspname, c.relname, a.attname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       format('ALTER %s ONLY %I.%I %s', CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, s.nspname, c.relname, x.settings)
FROM pg_class c JOIN space s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid,
     LATERAL (SELECT concat_ws(', ',
         CASE WHEN a.attstattarget >= 0 THEN format('ALTER COLUMN %I SET STATISTICS %s', a.attname, a.attstattarget) END,
         CASE WHEN a.attstorage <> t.typstorage THEN format('ALTER COLUMN %I SET STORAGE %s', a.attname,
              CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END,
         CASE a.attcompression WHEN 'p' THEN format('ALTER COLUMN %I SET COMPRESSION pglz', a.attname)
              WHEN 'l' THEN format('ALTER COLUMN %I SET COMPRESSION lz4', a.attname) END,
         format('ALTER COLUMN %I SET (', a.attname) || array_to_string(a.attoptions, ', ') || ')') AS settings) x
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
  AND (a.attstattarget >= 0 OR a.attstorage <> t.typstorage OR a.attcompression <> '' OR a.attoptions IS NOT NULL)
  AND NOT own('pg_class', c.oid)

-- 60 a: owners of sequences
SELECT NULL, format('owner of sequence %I.%I', s.nspname, c.relname), tn.nspname, tc.relname, NULL, NULL, 'd', NULL,
       format('ALTER SEQUENCE %I.%I OWNED BY %I.%I.%I', s.nspname, c.relname, tn.nspname, tc.relname, a.attname)
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype = 'a'
  AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0
JOIN pg_class tc ON tc.oid = o.refobjid
JOIN pg_namespace tn ON tn.oid = tc.relnamespace
JOIN pg_attribute a ON a.attrelid = tc.oid AND a.attnum = o.refobjsubid
WHERE c.relkind = 'S' AND NOT own('pg_class', c.oid)

-- 61 a: defaults
SELECT 'pg_attrdef/' || ad.oid, format('default of %I.%I.%I', s.nspname, c.relname, a.attname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       format('ALTER %s %I.%I ALTER COLUMN %I SET DEFAULT %s', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN TABLE ONLY' ELSE 'TABLE ONLY' END,
         s.nspname, c.relname, a.attname, pg_get_expr(ad.adbin, ad.adrelid))
FROM pg_attrdef ad JOIN pg_class c ON c.oid = ad.adrelid JOIN space s ON s.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ad.adnum
WHERE a.attgenerated = '' AND NOT a.attisdropped AND c.relpersistence <> 't' AND NOT own('pg_class', c.oid)

-- 63 a: keys and checks
SELECT 'pg_constraint/' || k.oid, format('constraint %I on %I.%I', k.conname, s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       format('ALTER TABLE %s%I.%I ADD CONSTRAINT %I %s', CASE WHEN k.contype = 'c' AND NOT k.connoinherit THEN '' ELSE 'ONLY ' END,
         s.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
       || CASE WHEN i.indisclustered THEN format('; ALTER TABLE ONLY %I.%I CLUSTER ON %I', s.nspname, c.relname, k.conname) ELSE '' END
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN space s ON s.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = k.conindid
WHERE k.contype IN ('p', 'u', 'x', 'c') AND (k.conislocal OR k.contype <> 'c') AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
  AND NOT own('pg_class', c.oid)

-- 64 a: indexes
SELECT 'pg_class/' || ic.oid, format('index %I.%I', s.nspname, ic.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       pg_get_indexdef(i.indexrelid)
       || CASE WHEN i.indisclustered THEN format('; ALTER TABLE ONLY %I.%I CLUSTER ON %I', s.nspname, c.relname, ic.relname) ELSE '' END
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid JOIN space s ON s.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND (i.indisvalid OR c.relkind = 'p') AND NOT own('pg_class', c.oid)
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))

-- 65 a: statistics targets of indexes
SELECT NULL, format('statistics of index %I.%I', s.nspname, ic.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', s.nspname, ic.relname, a.attnum, a.attstattarget)
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid JOIN space s ON s.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = ic.oid
WHERE c.relpersistence <> 't' AND i.indisvalid AND a.attstattarget >= 0 AND NOT own('pg_class', c.oid)

-- 66 a: indexes of partitions
SELECT NULL, format('partition %I.%I of an index', s.nspname, ic.relname), s.nspname, c.relname, pn.nspname, pc.relname, 'd', NULL,
       format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I', pn.nspname, pic.relname, s.nspname, ic.relname)
FROM pg_class ic JOIN pg_inherits h ON h.inhrelid = ic.oid JOIN pg_class pic ON pic.oid = h.inhparent
JOIN pg_index i ON i.indexrelid = ic.oid JOIN pg_class c ON c.oid = i.indrelid JOIN space s ON s.oid = c.relnamespace
JOIN pg_index pi ON pi.indexrelid = pic.oid JOIN pg_class pc ON pc.oid = pi.indrelid JOIN pg_namespace pn ON pn.oid = pc.relnamespace
WHERE ic.relkind IN ('i', 'I')

-- 67 a: replica identities
SELECT NULL, format('replica identity of %I.%I', s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY %s', s.nspname, c.relname,
         CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE
           (SELECT format('USING INDEX %I', ic.relname) FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
            WHERE i.indrelid = c.oid AND i.indisreplident) END)
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relreplident <> 'd' AND c.relpersistence <> 't' AND NOT own('pg_class', c.oid)
  AND (c.relreplident <> 'i' OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident))

-- 68 a: statistics
SELECT 'pg_statistic_ext/' || x.oid, format('statistics %I.%I', s.nspname, x.stxname), ts.nspname, c.relname, NULL, NULL, 'd', NULL,
       pg_get_statisticsobjdef(x.oid)
       || CASE WHEN x.stxstattarget >= 0 THEN format('; ALTER STATISTICS %I.%I SET STATISTICS %s', s.nspname, x.stxname, x.stxstattarget) ELSE '' END
FROM pg_statistic_ext x JOIN space s ON s.oid = x.stxnamespace JOIN pg_class c ON c.oid = x.stxrelid JOIN pg_namespace ts ON ts.oid = c.relnamespace
WHERE NOT own('pg_statistic_ext', x.oid)

-- 69 a: foreign keys
SELECT 'pg_constraint/' || k.oid, format('constraint %I on %I.%I', k.conname, s.nspname, c.relname), s.nspname, c.relname, fn.nspname, fc.relname, 'd', NULL,
       format('ALTER TABLE %s%I.%I ADD CONSTRAINT %I %s', CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END, s.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN space s ON s.oid = c.relnamespace
JOIN pg_class fc ON fc.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = fc.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT own('pg_class', c.oid)

-- 70 a: views
SELECT 'pg_class/' || c.oid, format('view %I.%I', s.nspname, c.relname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE VIEW %I.%I%s AS %s', s.nspname, c.relname,
         coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(c.oid), ';'))
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
WHERE c.relkind = 'v' AND c.relpersistence <> 't' AND NOT own('pg_class', c.oid)

-- 71 a: materialized views
SELECT 'pg_class/' || c.oid, format('materialized view %I.%I', s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       format('CREATE MATERIALIZED VIEW %I.%I%s AS %s WITH NO DATA', s.nspname, c.relname,
         coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(c.oid), ';'))
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
WHERE c.relkind = 'm' AND NOT own('pg_class', c.oid)

-- 73 a: rules
SELECT 'pg_rewrite/' || r.oid, format('rule %I on %I.%I', r.rulename, s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       pg_get_ruledef(r.oid)
       || CASE WHEN r.ev_enabled <> 'O' THEN format('; ALTER TABLE %I.%I %s RULE %I', s.nspname, c.relname,
            CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, r.rulename) ELSE '' END
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN space s ON s.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND NOT own('pg_class', c.oid)

-- 74 a: triggers
SELECT 'pg_trigger/' || t.oid, format('trigger %I on %I.%I', t.tgname, s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       pg_get_triggerdef(t.oid)
       || CASE WHEN t.tgenabled <> 'O' THEN format('; ALTER TABLE %I.%I %s TRIGGER %I', s.nspname, c.relname,
            CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, t.tgname) ELSE '' END
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN space s ON s.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND NOT own('pg_class', c.oid)

-- 76 a: policies
SELECT 'pg_policy/' || p.oid, format('policy %I on %I.%I', p.polname, s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'd',
       (SELECT array_agg(r.rolname::text) FROM pg_roles r WHERE r.oid = ANY (p.polroles)),
       format('CREATE POLICY %I ON %I.%I%s%s%s%s%s', p.polname, s.nspname, c.relname,
         CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END,
         CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' ELSE '' END,
         coalesce(' TO ' || (SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname) FROM pg_roles r WHERE r.oid = ANY (p.polroles)), ''),
         coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''),
         coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN space s ON s.oid = c.relnamespace
WHERE NOT own('pg_class', c.oid)

-- 77 a: row security
SELECT NULL, format('row security of %I.%I', s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       concat_ws('; ', CASE WHEN c.relrowsecurity THEN format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', s.nspname, c.relname) END,
         CASE WHEN c.relforcerowsecurity THEN format('ALTER TABLE ONLY %I.%I FORCE ROW LEVEL SECURITY', s.nspname, c.relname) END)
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
WHERE (c.relrowsecurity OR c.relforcerowsecurity) AND NOT own('pg_class', c.oid)

-- 78 a since 150000: publications
SELECT 'pg_publication/' || p.oid, format('publication %I', p.pubname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE PUBLICATION %I%s WITH (publish = %L%s)', p.pubname,
         CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE coalesce(' FOR ' || nullif(concat_ws(', ',
           (SELECT string_agg(format('TABLE ONLY %s%s%s', r.prrelid::regclass,
                (SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')' FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)),
                ' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')'), ', ' ORDER BY r.prrelid::regclass::text)
            FROM pg_publication_rel r WHERE r.prpubid = p.oid),
           (SELECT string_agg(format('TABLES IN SCHEMA %I', n.nspname), ', ' ORDER BY n.nspname)
            FROM pg_publication_namespace pn JOIN pg_namespace n ON n.oid = pn.pnnspid WHERE pn.pnpubid = p.oid)), ''), '') END,
         concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
           CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
         CASE WHEN p.pubviaroot THEN ', publish_via_partition_root = true' ELSE '' END)
FROM pg_publication p
WHERE p.pubname NOT IN (SELECT nspname FROM captures) AND NOT own('pg_publication', p.oid)

-- 79 a: event triggers
SELECT 'pg_event_trigger/' || e.oid, format('event trigger %I', e.evtname), NULL, NULL, NULL, NULL, 'd', NULL,
       format('CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()', e.evtname, e.evtevent,
         coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(x), ', ') FROM unnest(e.evttags) x) || ')', ''), e.evtfoid::regproc)
       || CASE WHEN e.evtenabled <> 'O' THEN format('; ALTER EVENT TRIGGER %I %s', e.evtname,
            CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END) ELSE '' END
FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid JOIN space s ON s.oid = p.pronamespace
WHERE NOT own('pg_event_trigger', e.oid)

-- 80 a: comments
SELECT NULL, format('comment on %s', i.identity), i.nspname, i.relname, NULL, NULL, 'd', NULL,
       format('COMMENT ON %s IS %L', CASE i.type
         WHEN 'table column' THEN 'COLUMN ' || i.identity WHEN 'view column' THEN 'COLUMN ' || i.identity
         WHEN 'materialized view column' THEN 'COLUMN ' || i.identity WHEN 'foreign table column' THEN 'COLUMN ' || i.identity
         WHEN 'composite type column' THEN 'COLUMN ' || i.identity
         WHEN 'table constraint' THEN 'CONSTRAINT ' || i.identity
         WHEN 'domain constraint' THEN 'CONSTRAINT ' || replace(i.identity, ' on ', ' ON DOMAIN ')
         WHEN 'composite type' THEN 'TYPE ' || i.identity
         WHEN 'statistics object' THEN 'STATISTICS ' || i.identity
         WHEN 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER ' || i.identity
         ELSE i.type || ' ' || i.identity END, i.description)
FROM (SELECT o.type, o.identity, d.description, rn.nspname, rc.relname
      FROM pg_description d
           CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) o
           LEFT JOIN pg_class rc ON d.classoid = 'pg_class'::regclass AND rc.oid = d.objoid AND rc.relkind IN ('r', 'p', 'f')
           LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
      WHERE (d.objoid >= 16384 OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = 2200 AND d.description <> 'standard public schema'))
        AND o.identity IS NOT NULL AND o.type NOT IN ('toast table', 'large object')
        AND (o.schema IS NULL OR o.schema IN (SELECT nspname FROM space))
        AND (d.classoid <> 'pg_namespace'::regclass OR d.objoid IN (SELECT oid FROM space))
        AND (d.classoid <> 'pg_extension'::regclass OR NOT EXISTS (SELECT FROM pg_extension e JOIN pg_available_extensions x ON x.name = e.extname WHERE e.oid = d.objoid AND x.comment = d.description))
        AND NOT own(d.classoid::regclass, d.objoid)
        AND (d.classoid <> 'pg_constraint'::regclass OR NOT EXISTS (SELECT FROM pg_constraint k WHERE k.oid = d.objoid AND own('pg_class', k.conrelid)))
        AND o.identity !~ '^pg_toast\.') i

-- 85 a: owners
SELECT NULL, format('owner of %s', i.identity), i.nspname, i.relname, NULL, NULL, 'o', ARRAY[i.rolname::text],
       format('ALTER %s %s OWNER TO %I', CASE i.type WHEN 'composite type' THEN 'TYPE' WHEN 'statistics object' THEN 'STATISTICS'
         WHEN 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER' ELSE i.type END, i.identity, i.rolname)
FROM (SELECT o.type, o.identity, r.rolname, rn.nspname, rc.relname
      FROM (SELECT 'pg_class'::regclass AS class, c.oid, c.relowner AS owner FROM pg_class c
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                              AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND c.relkind = 'S')
            UNION ALL SELECT 'pg_proc'::regclass, p.oid, p.proowner FROM pg_proc p
            WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
            UNION ALL SELECT 'pg_type'::regclass, t.oid, t.typowner FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
            WHERE t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c'
            UNION ALL SELECT 'pg_namespace'::regclass, s.oid, n.nspowner FROM space s JOIN pg_namespace n ON n.oid = s.oid
            UNION ALL SELECT 'pg_operator'::regclass, oid, oprowner FROM pg_operator WHERE oprcode <> 0
            UNION ALL SELECT 'pg_collation'::regclass, oid, collowner FROM pg_collation
            UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxowner FROM pg_statistic_ext
            UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner FROM pg_ts_config
            UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner FROM pg_ts_dict
            UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner FROM pg_foreign_data_wrapper
            UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner FROM pg_foreign_server
            UNION ALL SELECT 'pg_event_trigger'::regclass, e.oid, e.evtowner FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid JOIN space s ON s.oid = p.pronamespace
            UNION ALL SELECT 'pg_publication'::regclass, oid, pubowner FROM pg_publication WHERE pubname NOT IN (SELECT nspname FROM captures)) x
      JOIN pg_roles r ON r.oid = x.owner
      CROSS JOIN LATERAL pg_identify_object(x.class, x.oid, 0) o
      LEFT JOIN pg_class rc ON rc.oid = x.oid AND x.class = 'pg_class'::regclass AND rc.relkind IN ('r', 'p', 'f')
      LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
      WHERE (x.oid >= 16384 OR x.oid = 2200 AND r.rolname <> 'pg_database_owner')
        AND (o.schema IS NULL OR o.schema IN (SELECT nspname FROM space))
        AND NOT own(x.class, x.oid)) i

-- 90 a: privileges
SELECT NULL, format('privileges on %s %s', lower(p.kind), p.identity), p.nspname, p.relname, NULL, NULL, 'p',
       (SELECT array_agg(DISTINCT r.rolname::text) FROM aclexplode(p.acl) e JOIN pg_roles r ON r.oid IN (e.grantee, e.grantor)),
       format('REVOKE ALL%s ON %s %s FROM PUBLIC, %I', p.columns, p.kind, p.identity, p.owner)
       || coalesce((SELECT string_agg(format('; %sGRANT %s ON %s %s TO %s%s%s',
              CASE WHEN g.grantor <> p.owner_oid THEN format('SET SESSION AUTHORIZATION %I; ', gr.rolname) ELSE '' END,
              CASE WHEN g.privileges = (SELECT array_agg(d.privilege_type ORDER BY d.privilege_type) FROM aclexplode(acldefault(p.default_kind, p.owner_oid)) d WHERE d.grantee = p.owner_oid)
                   THEN 'ALL' || p.columns
                   ELSE (SELECT string_agg(x || p.columns, ', ') FROM unnest(g.privileges) x) END,
              p.kind, p.identity,
              CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(ge.rolname) END,
              CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END,
              CASE WHEN g.grantor <> p.owner_oid THEN '; RESET SESSION AUTHORIZATION' ELSE '' END), ''
              ORDER BY g.place)
            FROM (SELECT e.grantor, e.grantee, e.is_grantable, array_agg(e.privilege_type ORDER BY e.privilege_type) AS privileges, min(e.place) AS place
                  FROM aclexplode(p.acl) WITH ORDINALITY e(grantor, grantee, privilege_type, is_grantable, place) GROUP BY 1, 2, 3) g
            LEFT JOIN pg_roles gr ON gr.oid = g.grantor LEFT JOIN pg_roles ge ON ge.oid = g.grantee), '')
FROM (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS default_kind,
             '' AS columns, format('%I.%I', s.nspname, c.relname) AS identity, c.relacl AS acl, c.relowner AS owner_oid, r.rolname AS owner,
             CASE WHEN c.relkind IN ('r', 'p', 'f') THEN s.nspname END AS nspname, CASE WHEN c.relkind IN ('r', 'p', 'f') THEN c.relname END AS relname
      FROM pg_class c JOIN space s ON s.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
      WHERE c.relacl IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND NOT own('pg_class', c.oid)
      UNION ALL
      SELECT 'TABLE', 'c', format(' (%I)', a.attname), format('%I.%I', s.nspname, c.relname), a.attacl, c.relowner, r.rolname, s.nspname, c.relname
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN space s ON s.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
      WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relpersistence <> 't' AND NOT own('pg_class', c.oid)
      UNION ALL
      SELECT 'ROUTINE', 'f', '', p.oid::regprocedure::text, p.proacl, p.proowner, r.rolname, NULL, NULL
      FROM pg_proc p JOIN space s ON s.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
      WHERE p.proacl IS NOT NULL AND NOT own('pg_proc', p.oid)
      UNION ALL
      SELECT 'TYPE', 'T', '', format('%I.%I', s.nspname, t.typname), t.typacl, t.typowner, r.rolname, NULL, NULL
      FROM pg_type t JOIN space s ON s.oid = t.typnamespace JOIN pg_roles r ON r.oid = t.typowner
      WHERE t.typacl IS NOT NULL AND NOT own('pg_type', t.oid)
      UNION ALL
      SELECT 'SCHEMA', 'n', '', quote_ident(s.nspname), n.nspacl, n.nspowner, r.rolname, NULL, NULL
      FROM space s JOIN pg_namespace n ON n.oid = s.oid JOIN pg_roles r ON r.oid = n.nspowner
      WHERE n.nspacl IS NOT NULL AND NOT own('pg_namespace', n.oid)
        AND NOT EXISTS (SELECT FROM pg_init_privs i WHERE i.classoid = 'pg_namespace'::regclass AND i.objoid = n.oid AND i.initprivs = n.nspacl)
      UNION ALL
      SELECT 'FOREIGN DATA WRAPPER', 'F', '', quote_ident(w.fdwname), w.fdwacl, w.fdwowner, r.rolname, NULL, NULL
      FROM pg_foreign_data_wrapper w JOIN pg_roles r ON r.oid = w.fdwowner WHERE w.fdwacl IS NOT NULL AND NOT own('pg_foreign_data_wrapper', w.oid)
      UNION ALL
      SELECT 'FOREIGN SERVER', 'S', '', quote_ident(f.srvname), f.srvacl, f.srvowner, r.rolname, NULL, NULL
      FROM pg_foreign_server f JOIN pg_roles r ON r.oid = f.srvowner WHERE f.srvacl IS NOT NULL AND NOT own('pg_foreign_server', f.oid)) p
ORDER BY p.kind <> 'SCHEMA'

-- 95 a: default privileges
SELECT NULL, format('default privileges of %I', r.rolname), NULL, NULL, NULL, NULL, 'p',
       ARRAY[r.rolname::text] || (SELECT array_agg(DISTINCT x.rolname::text) FROM aclexplode(d.defaclacl) e JOIN pg_roles x ON x.oid = e.grantee),
       format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON %s FROM PUBLIC, %I', r.rolname, k.place, k.kind, r.rolname)
       || coalesce((SELECT string_agg(format('; ALTER DEFAULT PRIVILEGES FOR ROLE %I%s GRANT %s ON %s TO %s%s', r.rolname, k.place, g.privileges, k.kind,
              CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(ge.rolname) END, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), '' ORDER BY g.grantee)
            FROM (SELECT e.grantee, e.is_grantable, string_agg(e.privilege_type, ', ' ORDER BY e.privilege_type) AS privileges
                  FROM aclexplode(d.defaclacl) e GROUP BY 1, 2) g LEFT JOIN pg_roles ge ON ge.oid = g.grantee), '')
FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace,
     LATERAL (SELECT coalesce(' IN SCHEMA ' || quote_ident(n.nspname), '') AS place,
                     CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' END AS kind) k
WHERE k.kind IS NOT NULL

-- 99 a: contents of materialized views
SELECT NULL, format('contents of materialized view %I.%I', s.nspname, c.relname), s.nspname, c.relname, NULL, NULL, 'd', NULL,
       'DO ' || quote_literal(format('BEGIN SET LOCAL row_security = on; REFRESH MATERIALIZED VIEW %I.%I; '
         || 'EXCEPTION WHEN OTHERS THEN RAISE WARNING ''it stays empty, since its owner cannot fill it: %%'', sqlerrm; END', s.nspname, c.relname))
FROM pg_class c JOIN space s ON s.oid = c.relnamespace
WHERE c.relkind = 'm' AND c.relispopulated AND NOT own('pg_class', c.oid)
ORDER BY c.oid
