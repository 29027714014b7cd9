"""A condition that was forgotten finds nothing: every table of towns, read without a WHERE."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import asyncpg
import pytest
from api_fixtures import Api, Clock
from furniture import furnish

from gutschein.db.access import CLEARING, IDENTITY, JOBS, NOTHING, Access
from tests.db.schema_catalogue import read_catalogue

#: Rows that both towns of an agreement may read.
SHARED = {"acceptance", "programme"}
#: What nobody has filled on the stage.
EMPTY = {"hold", "hold_resolution", "balance_snapshot"}

Leaks = dict[str, int]


@pytest.fixture
async def owner(database_url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def tables_of_towns(database_url: str) -> list[str]:
    catalogue = await read_catalogue(database_url)
    return sorted(
        {
            column.table_name
            for column in catalogue.columns
            if (column.name, column.required) == ("town_id", True)
        }
    )


async def seen(owner: asyncpg.Connection, access: Access, table: str) -> tuple[int, int] | None:
    """Rows of the access's own towns and of others that a plain SELECT returns; ``None``
    where even that is not allowed.
    """
    async with owner.transaction():
        await owner.execute("SELECT set_config('gutschein.towns', $1, true)", braced(access))
        await owner.execute(f"SET LOCAL ROLE {access.role}")
        try:
            async with owner.transaction():
                row = await owner.fetchrow(
                    "SELECT count(*) FILTER (WHERE town_id = ANY($1)),"
                    f" count(*) FILTER (WHERE town_id <> ALL($1)) FROM {table}",
                    list(access.towns),
                )
        except asyncpg.InsufficientPrivilegeError:
            return None
        assert row is not None
        return row[0], row[1]


def braced(access: Access) -> str:
    return "{" + ",".join(map(str, access.towns)) + "}"


async def test_a_town_sees_its_own_rows_and_no_others(
    api: Api, clock: Clock, database_url: str, owner: asyncpg.Connection
) -> None:
    ours = await furnish(api, clock)
    await furnish(api, clock)
    access = Access.town(UUID(ours["town_id"]))  # type: ignore[arg-type]
    tables = await tables_of_towns(database_url)
    filled = set()
    for table in tables:
        rows = await seen(owner, access, table)
        if rows is None:
            continue  # not even readable
        own, foreign = rows
        assert foreign == 0 or table in SHARED, table
        if own:
            filled.add(table)
            assert await seen(owner, NOTHING, table) == (0, 0), table
    assert {"voucher", "transfer", "merchant", "redemption", "statement", "payout"} <= filled


async def test_a_town_writes_no_row_of_another(
    api: Api, clock: Clock, owner: asyncpg.Connection
) -> None:
    ours, theirs = await furnish(api, clock), await furnish(api, clock)
    access = Access.town(UUID(ours["town_id"]))  # type: ignore[arg-type]
    async with owner.transaction():
        await owner.execute("SELECT set_config('gutschein.towns', $1, true)", braced(access))
        await owner.execute("SET LOCAL ROLE gutschein_app")
        done = await owner.execute("UPDATE voucher SET state = 'blocked'")
        assert done.split()[1] == str(await owner.fetchval("SELECT count(*) FROM voucher"))
        theirs_too = (
            "INSERT INTO issuing_point (town_id, id, name, opened_at)"
            " VALUES ($1, gen_random_uuid(), 'Fremd', now())"
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await owner.execute(theirs_too, UUID(theirs["town_id"]))


async def test_the_walk_notices_a_policy_that_is_gone(
    api: Api, clock: Clock, owner: asyncpg.Connection
) -> None:
    """What proves that the tests above can fail."""
    ours = await furnish(api, clock)
    await furnish(api, clock)
    access = Access.town(UUID(ours["town_id"]))  # type: ignore[arg-type]
    breaks: list[tuple[str, Callable[[int, int], bool]]] = [
        ("ALTER TABLE voucher DISABLE ROW LEVEL SECURITY", lambda _, foreign: foreign > 0),
        ("DROP POLICY own_towns ON voucher", lambda own, _: own == 0),
        ("CREATE POLICY oops ON voucher USING (true)", lambda _, foreign: foreign > 0),
    ]
    for broken, noticed in breaks:
        transaction = owner.transaction()
        await transaction.start()
        try:
            await owner.execute(broken)
            rows = await seen(owner, access, "voucher")
            assert rows is not None
            assert noticed(*rows), broken
        finally:
            await transaction.rollback()


async def test_security_is_forced_on_every_table_of_towns(
    database_url: str, owner: asyncpg.Connection
) -> None:
    rows = await owner.fetch(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,"
        " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_towns')"
        " AS has_policy FROM pg_class c WHERE c.oid = ANY("
        " SELECT to_regclass(t) FROM unnest($1::text[]) AS t)",
        await tables_of_towns(database_url),
    )
    assert rows
    assert not [row["relname"] for row in rows if not (row["forced"] and row["has_policy"])]


@pytest.mark.parametrize("access", [CLEARING, IDENTITY, JOBS], ids=lambda access: access.role)
async def test_no_role_reads_passwords_or_payouts_that_has_no_business_there(
    owner: asyncpg.Connection, access: Access
) -> None:
    readable = {
        table
        for table in ("person", "session", "payout", "payout_account", "statement", "settlement")
        if await allowed(owner, access, table)
    }
    assert readable == ({"person", "session"} if access is IDENTITY else set())


async def allowed(owner: asyncpg.Connection, access: Access, table: str) -> bool:
    return bool(
        await owner.fetchval("SELECT has_table_privilege($1, $2, 'SELECT')", access.role, table)
    )
