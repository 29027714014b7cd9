"""What the benchmarks furnish is what the service would have made: the auditor finds nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from bench.furnish import Size, _furnish, furnishing
from bench.history import Wanted, prepare, write_history
from bench.loading import TABLES, bare
from bench.pgbench import ONE_ROW, TWO_STATEMENTS, Pgbench
from bench.place import MAKE_ROLE, NotDurable, _require_disk, new_place
from bench.region import Paper, Region
from gutschein.audit import opener
from gutschein.auditor.audit import audit
from gutschein.db.access import AUDITOR
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.history.jobs import seal
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import TownId
from gutschein.signing.key_trust import published_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.token import token_from_scan, verify_token

MADE_AT = utc_now() - timedelta(days=60)
SIZE = Size(towns=1, merchants=2, tills=1, papers=3)


@pytest.fixture
async def owner(fresh_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(fresh_database_url)
    await connection.execute(MAKE_ROLE)
    yield connection
    await connection.close()


@pytest.fixture
async def region(fresh_database_url: str, owner: asyncpg.Connection) -> Region:
    assert owner.is_closed() is False
    return await _furnish(fresh_database_url, SIZE, MADE_AT)


async def with_history(url: str, owner: asyncpg.Connection, region: Region) -> list[Paper]:
    shops = [register.shop for register in region.registers]
    town_id = TownId(UUID(shops[0].town_id))
    wanted = Wanted(town_id, shops, 250, SIZE.papers, real_every=50, issued_at=MADE_AT)
    async with furnishing(url, region.key_encryption_key, MADE_AT) as furnisher:
        terms = await prepare(furnisher, wanted)
    async with bare(owner):
        return await write_history(owner, wanted, terms)


async def catalogue(owner: asyncpg.Connection) -> list[Any]:
    return [
        tuple(row)
        for row in await owner.fetch(
            """
            SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
            FROM pg_constraint WHERE conrelid = ANY($1::regclass[])
                OR confrelid = ANY($1::regclass[])
            UNION ALL
            SELECT indrelid::regclass::text, indexrelid::regclass::text,
                   pg_get_indexdef(indexrelid)
            FROM pg_index WHERE indrelid = ANY($1::regclass[])
            ORDER BY 1, 2, 3
            """,
            TABLES,
        )
    ]


async def test_the_auditor_finds_nothing_in_millions_of_vouchers(
    fresh_database_url: str, owner: asyncpg.Connection, region: Region
) -> None:
    papers = await with_history(fresh_database_url, owner, region)
    assert len(papers) == 5
    assert await owner.fetchval("SELECT count(*) FROM redemption") == 500
    engine = create_engine(fresh_database_url, role=None, pool_size=1)
    database = Database(engine)
    await seal(database, utc_now())
    async with database.acting(AUDITOR).reading() as work:
        kek = KeyEncryptionKey(bytes.fromhex(region.key_encryption_key))
        report = await audit(work, now=utc_now(), opener=await opener(work, kek))
    await database.close()
    assert report.findings == []


async def test_after_loading_the_tables_are_as_they_were(
    fresh_database_url: str, owner: asyncpg.Connection, region: Region
) -> None:
    before = await catalogue(owner)
    await with_history(fresh_database_url, owner, region)
    assert await catalogue(owner) == before


async def test_vouchers_that_can_be_presented_are_genuine_and_spread(
    fresh_database_url: str, owner: asyncpg.Connection, region: Region
) -> None:
    papers = await with_history(fresh_database_url, owner, region)
    engine = create_engine(fresh_database_url, role="gutschein_auditor", pool_size=1)
    async with Database(engine, AUDITOR).reading() as work:
        keys = await published_keys(work)
    await engine.dispose()
    for paper in [*papers, *region.papers]:
        verified = verify_token(token_from_scan(paper.token), keys, utc_now())
        assert str(verified.town_id) == paper.town_id
    serials = await owner.fetch(
        "SELECT serial, id FROM voucher WHERE id = ANY($1::uuid[]) ORDER BY id",
        [paper.id for paper in papers],
    )
    assert [row["serial"] for row in serials] == [4, 54, 104, 154, 204]


def test_a_place_in_memory_is_refused() -> None:
    with pytest.raises(NotDurable, match="in memory"):
        _require_disk(Path("/dev/shm"))


@pytest.mark.slow
def test_the_floor_is_measured_on_a_durable_database() -> None:
    with new_place(seconds=1, share=1) as place:
        floor = Pgbench.at(place)
        assert floor.rate(TWO_STATEMENTS, 4, 1) > 0
        assert floor.rate(ONE_ROW, 4, 1) > 0
        assert 0 < floor.median_latency(TWO_STATEMENTS, 1) < 1
