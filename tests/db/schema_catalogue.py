"""The schema as PostgreSQL's own catalogue tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

OF_ALEMBIC = "alembic_version"

_TABLES = """
    SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> $1
    ORDER BY c.relname
"""

_COLUMNS = """
    SELECT c.relname AS table_name, a.attname AS name, a.attnotnull AS required,
           format_type(a.atttypid, a.atttypmod) AS type,
           pg_get_expr(d.adbin, d.adrelid) AS default_value, a.attidentity::text AS identity
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> $1
      AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""

# NOT NULL, which newer versions keep as a constraint ('n'), is a property of the column.
_CONSTRAINTS = """
    SELECT c.relname AS table_name, k.conname AS name, k.contype::text AS kind,
           pg_get_constraintdef(k.oid) AS definition, r.relname AS referred,
           k.confdeltype::text || k.confupdtype::text AS actions,
           ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS o(num, place)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.num
                 ORDER BY o.place) AS columns,
           ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS o(num, place)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = o.num
                 ORDER BY o.place) AS referred_columns
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    LEFT JOIN pg_class r ON r.oid = k.confrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> $1 AND k.contype <> 'n'
    ORDER BY c.relname, k.conname
"""

_INDEXES = """
    SELECT c.relname AS table_name, n.relname AS name, i.indisunique AS is_unique,
           pg_get_indexdef(i.indexrelid) AS definition,
           ARRAY(SELECT a.attname::text FROM unnest(i.indkey::smallint[]) WITH ORDINALITY
                     AS o(num, place)
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = o.num
                 ORDER BY o.place) AS columns
    FROM pg_index i
    JOIN pg_class n ON n.oid = i.indexrelid
    JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> $1
    ORDER BY c.relname, n.relname
"""


@dataclass(frozen=True)
class Column:
    table_name: str
    name: str
    required: bool
    type: str
    default_value: str | None
    identity: str

    def __str__(self) -> str:
        return f"{self.table_name}.{self.name}"


@dataclass(frozen=True)
class Constraint:
    table_name: str
    name: str
    kind: str
    """``p`` primary key, ``u`` unique, ``f`` foreign key, ``c`` check, ``x`` exclusion."""
    definition: str
    referred: str | None
    actions: str
    columns: tuple[str, ...]
    referred_columns: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    table_name: str
    name: str
    is_unique: bool
    definition: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Everything but Alembic's own table."""

    comments: dict[str, str | None]
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]

    @property
    def tables(self) -> Sequence[str]:
        return list(self.comments)

    def columns_of(self, table: str) -> Iterator[Column]:
        return (column for column in self.columns if column.table_name == table)

    def constraints_of(self, kind: str) -> Iterator[Constraint]:
        return (each for each in self.constraints if each.kind == kind)


async def read_catalogue(url: str) -> Catalogue:
    """Read the catalogue of the database at *url*."""
    connection = await asyncpg.connect(url)
    try:
        tables, columns, constraints, indexes = [
            [_plain(row) for row in await connection.fetch(query, OF_ALEMBIC)]
            for query in (_TABLES, _COLUMNS, _CONSTRAINTS, _INDEXES)
        ]
    finally:
        await connection.close()
    return Catalogue(
        comments={row["name"]: row["comment"] for row in tables},
        columns=tuple(Column(**row) for row in columns),
        constraints=tuple(Constraint(**row) for row in constraints),
        indexes=tuple(Index(**row) for row in indexes),
    )


def _plain(row: asyncpg.Record) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
