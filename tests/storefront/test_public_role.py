"""What the database lets the public's role do, whatever a page may ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from high_street import HighStreet

from gutschein.db.access import PUBLIC_READER

READABLE = {
    "region",
    "town",
    "acceptance",
    "programme",
    "merchant",
    "branch",
    "issuing_point",
    "storefront",
    "storefront_text",
    "branch_profile",
    "motif",
}


@pytest.fixture
async def public(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    await connection.execute(f"SET ROLE {PUBLIC_READER.role}")
    yield connection
    await connection.close()


_HELD = """
    SELECT c.relname FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace = 'public'::regnamespace
      AND (has_table_privilege($1, c.oid, $2) OR has_any_column_privilege($1, c.oid, $2))
"""


async def test_it_reads_what_anyone_may_read_and_writes_nothing(public: asyncpg.Connection) -> None:
    async def held(right: str) -> set[str]:
        return {row["relname"] for row in await public.fetch(_HELD, PUBLIC_READER.role, right)}

    assert "town" in await held("SELECT")
    assert await held("SELECT") <= READABLE
    for right in ("INSERT", "UPDATE"):
        assert not await held(right)


async def test_it_reads_nothing_that_is_sealed(public: asyncpg.Connection) -> None:
    sealed = await public.fetch(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = $1 AND column_name LIKE 'sealed%'",
        PUBLIC_READER.role,
    )
    assert not sealed
    for column in ("sealed_trust_iban", "*"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await public.fetch(f"SELECT {column} FROM town")


async def test_it_sees_all_towns(street: HighStreet, public: asyncpg.Connection) -> None:
    seen = {str(row["id"]) for row in await public.fetch("SELECT id FROM town")}
    assert {street.town["id"], street.partner["id"]} <= seen
    assert await public.fetchval("SELECT count(*) FROM branch_profile") >= 2


async def test_a_town_changes_its_own_storefront_alone(
    street: HighStreet, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            towns = "{" + street.partner["id"] + "}"
            await connection.execute("SELECT set_config('gutschein.towns', $1, true)", towns)
            await connection.execute("SET LOCAL ROLE gutschein_app")
            done = await connection.execute("UPDATE storefront SET intro = 'Übernommen'")
            assert done == "UPDATE 0"
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(
                    "INSERT INTO storefront (id, slug, intro, is_open, changed_at)"
                    " VALUES ($1, 'fremd', 'x', true, now())",
                    street.town["id"],
                )
    finally:
        await connection.close()
