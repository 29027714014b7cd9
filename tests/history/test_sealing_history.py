"""What happened is sealed: all of it, once, in whole instants, under the hash before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import get_args, get_type_hints

import asyncpg
import pytest
from rows_by_hand import NOW, Ledger
from sealed_history import block_hash, row_digest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gutschein.db import engine
from gutschein.db.access import AUDITOR, JOBS, NOTHING
from gutschein.db.unit_of_work import Database
from gutschein.history import block_repository, rules
from gutschein.history.jobs import seal
from gutschein.history.rules import Sealed
from gutschein.settings import Settings
from gutschein.web.request_limits import LONG_WORK

AGO = NOW - timedelta(hours=1)
#: Of two towns and a region: three logs and the transfers of two.
CHAINS = 5


async def stored(ledger: Ledger, table: str, chain: str) -> list[asyncpg.Record]:
    return list(
        await ledger.connection.fetch(
            f"SELECT * FROM {table} WHERE {chain} = $1 ORDER BY id", ledger.town_id
        )
    )


async def test_blocks_hold_the_bytes_that_the_reference_describes(
    fresh_database: Database, ledger: Ledger
) -> None:
    await ledger.log(AGO, before="ä", after=None, reason=None)
    await ledger.log(AGO, author_id=None, before="", reason="Grüße\n»so«")
    await ledger.transfer(AGO)
    await ledger.transfer(datetime(1999, 12, 31, 23, 30, tzinfo=UTC), amount_cents=2**53 - 1)
    await ledger.transfer(AGO, link_id=ledger.town_id, reverses_id=ledger.region_id)

    assert await seal(fresh_database, NOW) == Sealed(blocks=CHAINS, rows=5)

    for kind, table, chain in (
        ("log", "log_entry", "chain_id"),
        ("transfer", "transfer", "town_id"),
    ):
        rows = await stored(ledger, table, chain)
        (block,) = await ledger.blocks(kind)
        assert block["row_digests"] == b"".join(
            row["id"].bytes + row_digest(kind, row) for row in rows
        )
        assert block["row_count"] == len(rows)
        assert (block["number"], block["previous_hash"]) == (1, bytes(32))
        assert block["sealed_up_to"] == NOW - rules.LAG
        assert block["sealed_at"] == NOW
        assert block["hash"] == block_hash(block)


async def test_what_may_still_be_under_way_waits(fresh_database: Database, ledger: Ledger) -> None:
    await ledger.transfer(NOW - rules.LAG)
    await ledger.transfer(NOW - rules.LAG + timedelta(microseconds=1))
    await seal(fresh_database, NOW)
    assert [block["row_count"] for block in await ledger.blocks("transfer")] == [1]
    await seal(fresh_database, NOW + timedelta(minutes=1))
    first, second = await ledger.blocks("transfer")
    assert second["row_count"] == 1
    assert second["previous_hash"] == first["hash"]
    assert second["hash"] == block_hash(second)


async def test_a_block_ends_where_it_is_full_and_never_within_an_instant(
    fresh_database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_repository, "BLOCK_ROWS", 3)
    for second in (1, 2, 3, 3, 3, 3, 4, 5, 6, 7):
        await ledger.transfer(AGO + timedelta(seconds=second))
    assert (await seal(fresh_database, NOW)).rows == 10
    blocks = await ledger.blocks("transfer")
    assert [block["row_count"] for block in blocks] == [6, 3, 1]
    assert [block["sealed_up_to"] for block in blocks] == [
        AGO + timedelta(seconds=3),
        AGO + timedelta(seconds=6),
        NOW - rules.LAG,
    ]


async def test_where_nothing_happens_a_day_is_sealed_all_the_same(
    fresh_database: Database, ledger: Ledger
) -> None:
    await seal(fresh_database, NOW)
    assert await seal(fresh_database, NOW + timedelta(hours=23)) == Sealed()
    assert await seal(fresh_database, NOW + timedelta(hours=24)) == Sealed(blocks=CHAINS)
    first, second = await ledger.blocks("log", ledger.region_id)
    assert (first["row_count"], second["row_count"]) == (0, 0)
    assert second["sealed_up_to"] - first["sealed_up_to"] == timedelta(days=1)


async def test_several_that_seal_at_once_seal_every_row_once(
    fresh_database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_repository, "BLOCK_ROWS", 2)
    wanted = {await ledger.transfer(AGO + timedelta(seconds=n)) for n in range(20)}
    await asyncio.gather(*(seal(fresh_database, NOW) for _ in range(4)))
    blocks = await ledger.blocks("transfer")
    assert [block["number"] for block in blocks] == list(range(1, len(blocks) + 1))
    sealed = [
        block["row_digests"][at : at + 16]
        for block in blocks
        for at in range(0, len(block["row_digests"]), 48)
    ]
    assert sorted(sealed) == sorted(id_.bytes for id_ in wanted)


async def test_a_clock_that_goes_back_seals_nothing_again(
    fresh_database: Database, ledger: Ledger
) -> None:
    await ledger.transfer(AGO)
    await seal(fresh_database, NOW)
    assert await seal(fresh_database, NOW - timedelta(hours=2)) == Sealed()
    assert len(await ledger.blocks("transfer")) == 1


async def test_the_chain_is_read_by_jobs_and_auditor_and_changed_by_nobody(
    fresh_database: Database, ledger: Ledger
) -> None:
    await seal(fresh_database, NOW)
    count = text("SELECT count(hash) FROM history_block")
    for access, seen in ((JOBS, CHAINS), (AUDITOR, CHAINS)):
        async with fresh_database.acting(access).reading() as work:
            assert await work.scalar(count) == seen
    async with fresh_database.acting(NOTHING).reading() as work:
        with pytest.raises(DBAPIError, match="permission denied"):
            await work.scalar(count)
    for statement in (
        "DELETE FROM history_block",
        "UPDATE history_block SET number = 9",
        "DELETE FROM log_entry",
        "UPDATE transfer SET amount_cents = 1",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with fresh_database.acting(JOBS).unit_of_work() as work:
                await work.execute(text(statement))
    await ledger.connection.execute("SET session_replication_role = origin")
    for statement in ("DELETE FROM history_block", "TRUNCATE log_entry"):
        with pytest.raises(asyncpg.RestrictViolationError, match="never changed or deleted"):
            await ledger.connection.execute(statement)


def test_no_unit_of_work_lasts_as_long_as_the_lag() -> None:
    """A request arrives in one time and is answered in another, and takes its instant at the
    earliest when it begins to arrive.
    """
    _, bounds = get_args(get_type_hints(Settings, include_extras=True)["request_timeout_seconds"])
    assert 2 * bounds.le < rules.LAG.total_seconds()
    assert max(LONG_WORK.values()) < rules.LAG.total_seconds()  # from when it has arrived
    waits = (engine.STATEMENT_TIMEOUT_SECONDS, engine.LOCK_TIMEOUT_SECONDS)
    assert 3 * sum(waits) < rules.LAG.total_seconds()
