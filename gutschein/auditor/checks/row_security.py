"""The walls between towns: row-level security is on, forced, and lets no role past it."""

from __future__ import annotations

from gutschein.auditor.check import Check

#: Policies that show rows of all towns, to the one role that each is for.
OPEN_TO = {
    "auditor": "gutschein_auditor",
    "clearing": "gutschein_clearing",
    "identity": "gutschein_identity",
    "jobs": "gutschein_jobs",
    "public": "gutschein_public",
}

_ROLES = (
    "gutschein_app",
    "gutschein_clearing",
    "gutschein_operator",
    "gutschein_identity",
    "gutschein_jobs",
    "gutschein_public",
    "gutschein_auditor",
)

FORCED = Check(
    number="A68",
    title="Every table of towns shows a town its own rows only",
    over=("pg_class",),
    finds="""
        SELECT NULL::uuid AS town_id, c.relname AS row_id, 'forced' AS expected,
               CASE WHEN NOT c.relrowsecurity THEN 'off'
                    WHEN NOT c.relforcerowsecurity THEN 'not forced'
                    ELSE 'without its policy' END AS actual
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'town_id' AND a.attnotnull
        WHERE c.relkind IN ('r', 'p')
          AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR NOT EXISTS (
                SELECT FROM pg_policy p
                WHERE p.polrelid = c.oid AND p.polname = 'own_towns' AND p.polpermissive
                  AND pg_get_expr(p.polqual, p.polrelid) ~ 'own_towns\\(\\)'))
    """,
    says="Row-level security on {row_id} is {actual}: a town may see the rows of others.",
)

POLICIES = Check(
    number="A69",
    title="No policy shows the rows of a town to a role that is not made for it",
    over=("pg_class",),
    finds="""
        SELECT NULL::uuid AS town_id, c.relname || '.' || p.polname AS row_id,
               'rows of its own' AS expected,
               coalesce(pg_get_expr(p.polqual, p.polrelid),
                        pg_get_expr(p.polwithcheck, p.polrelid)) AS actual
        FROM pg_policy p
        JOIN pg_class c ON c.oid = p.polrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'town_id' AND a.attnotnull
        LEFT JOIN unnest(CAST(:names AS text[]), CAST(:roles AS text[])) AS open(name, role)
            ON open.name = p.polname
        WHERE coalesce(pg_get_expr(p.polqual, p.polrelid),
                       pg_get_expr(p.polwithcheck, p.polrelid)) !~ 'own_towns\\(\\)'
          AND (open.role IS NULL
               OR p.polroles <> ARRAY(SELECT r.oid FROM pg_roles r WHERE r.rolname = open.role))
    """,
    params={"names": list(OPEN_TO), "roles": list(OPEN_TO.values())},
    says="The policy {row_id} shows rows of all towns: {actual}.",
)

BYPASS = Check(
    number="A70",
    title="No role of the service passes by row-level security",
    over=len(_ROLES) + 1,
    finds="""
        SELECT NULL::uuid AS town_id, r.rolname AS row_id, 'no' AS expected,
               CASE WHEN r.rolsuper THEN 'superuser' ELSE 'may pass by it' END AS actual
        FROM pg_roles r
        WHERE r.rolname = ANY(CAST(:roles AS text[])) AND (r.rolsuper OR r.rolbypassrls)
        UNION ALL
        SELECT NULL, 'own_towns', 'the towns of the unit of work', 'altered'
        WHERE NOT EXISTS (
            SELECT FROM pg_proc f
            WHERE f.proname = 'own_towns' AND f.pronamespace = 'public'::regnamespace
              AND f.prosrc ~ 'gutschein\\.towns' AND NOT f.prosecdef)
    """,
    params={"roles": list(_ROLES)},
    says="The wall between towns does not hold for {row_id}: {actual}.",
)

CHECKS = (FORCED, POLICIES, BYPASS)
