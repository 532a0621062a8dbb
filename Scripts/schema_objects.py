"""What a database says of its views, functions and triggers."""

from __future__ import annotations

from typing import NamedTuple

import libpq

# Of every object: kind, name, the statement that makes it, and what else counts: comments and rights.
OBJECTS = """
WITH scope AS (SELECT n.oid, n.nspname FROM pg_namespace AS n WHERE n.nspname IN ('corrparse', 'diagnostics'))
SELECT 'function', s.nspname || '.' || p.proname, pg_get_functiondef(p.oid),
  format('FUNCTION %s.%I(%s)', s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
  obj_description(p.oid, 'pg_proc'), NULL,
  (SELECT string_agg(a.acl::text, ' ' ORDER BY a.acl::text) FROM unnest(p.proacl) AS a (acl)),
  p.proacl IS NOT NULL AND NOT has_function_privilege('public', p.oid, 'EXECUTE')
FROM pg_proc AS p JOIN scope AS s ON s.oid = p.pronamespace
UNION ALL
SELECT 'view', s.nspname || '.' || c.relname,
  format(E'CREATE OR REPLACE VIEW %s.%I AS\n%s', s.nspname, c.relname, pg_get_viewdef(c.oid, true)),
  format('VIEW %s.%I', s.nspname, c.relname), obj_description(c.oid, 'pg_class'),
  (
    SELECT string_agg(format('COMMENT ON COLUMN %s.%I.%I IS %L;', s.nspname, c.relname, a.attname, d.description), E'\n'
      ORDER BY a.attnum)
    FROM pg_attribute AS a
    JOIN pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
    WHERE a.attrelid = c.oid
  ),
  (SELECT string_agg(a.acl::text, ' ' ORDER BY a.acl::text) FROM unnest(c.relacl) AS a (acl)), false
FROM pg_class AS c JOIN scope AS s ON s.oid = c.relnamespace WHERE c.relkind = 'v'
UNION ALL
SELECT 'trigger', format('%s.%s', t.tgrelid::regclass, t.tgname),
  regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER') || ';',
  format('TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass), obj_description(t.oid, 'pg_trigger'), NULL, NULL, false
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN scope AS s ON s.oid = c.relnamespace WHERE NOT t.tgisinternal
ORDER BY 1, 2
"""

# A view of the contract with the same columns that reads nothing.
STUBS = """
SELECT format(E'CREATE OR REPLACE VIEW %s.%I AS\nSELECT\n%s;\n', c.relnamespace::regnamespace, c.relname, string_agg(
  format('  NULL::%s%s AS %I', format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation <> t.typcollation THEN format(' COLLATE %s', a.attcollation::regcollation) END, a.attname),
  E',\n' ORDER BY a.attnum))
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 JOIN pg_type AS t ON t.oid = a.atttypid
WHERE c.relnamespace = 'diagnostics'::regnamespace AND c.relkind = 'v'
GROUP BY c.oid, c.relnamespace, c.relname ORDER BY c.relname
"""


class Object(NamedTuple):
    """One view, function or trigger of a database."""

    definition: str
    signature: str
    comment: str | None
    column_comments: str | None
    rights: str | None
    is_private: bool

    def text(self) -> str:
        """Its file, as the database tells it."""
        text = self.definition.rstrip().removesuffix(";") + ";\n"
        if self.comment is not None:
            text += f"COMMENT ON {self.signature} IS {libpq.quoted(self.comment)};\n"
        if self.column_comments:
            text += self.column_comments + "\n"
        if self.is_private:
            text += f"REVOKE EXECUTE ON {self.signature} FROM PUBLIC;\n"
        return text
