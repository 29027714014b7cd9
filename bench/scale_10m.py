"""The same rate with 10 million vouchers and 20 million redemptions in the database.

Two databases on one server hold the same region: one with 10,000 vouchers, one with all
that history besides. The large one is filled once, by sets of rows, which takes half an
hour and some 40 GB of disk; its vouchers to be redeemed are spread over all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from bench.furnish import Size, furnish, furnishing
from bench.history import Wanted, prepare, write_history
from bench.loading import bare
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.outcome import Fate
from bench.pgbench import Pgbench
from bench.place import plain_url
from bench.region import Paper, Region, Shop
from bench.scene import Scene, about, serving
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.history.jobs import seal
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import TownId

VOUCHERS = 10_000_000
PAPERS = 10_000
_LARGE = "large"
#: So long ago was everything made; the redemptions came in the days after.
_AGO = timedelta(days=60)
#: PostgreSQL's processes tell once a second what they have done.
_COUNTED_EVERY = 1.0


def _run(place: Place) -> Iterator[Round]:
    made_at = utc_now() - _AGO
    region = furnish(place.database_url, Size(papers=PAPERS), made_at)
    vouchers = round(VOUCHERS * place.share)
    large_place = replace(place, database_url=plain_url(place.database_url, _LARGE))
    papers = asyncio.run(_fill(place, large_place, region, vouchers, made_at))
    large_region = replace(region, papers=papers)
    pgbench = Pgbench.at(place)
    with serving(place, region) as small, serving(large_place, large_region) as large:
        few = Scene(place, region, *small, pgbench)
        many = Scene(large_place, large_region, *large, pgbench)
        for each in (few, many):
            each.warm_up(region.devices)
        for _ in range(ROUNDS):
            floor = few.redeemed(region.devices, may_refuse=True)
            before = asyncio.run(_moved(large_place))
            ours = many.redeemed(region.devices, may_refuse=True)
            after = asyncio.run(_moved(large_place))
            read, logged = (
                (b - a) / ours.count(Fate.ACCEPTED) for a, b in zip(before, after, strict=True)
            )
            yield Round(
                ours.rate,
                floor.rate,
                (
                    Further("the database holds", vouchers, "vouchers"),
                    Further("on the disk", asyncio.run(_gigabytes(large_place)), "GB"),
                    Further("pages not at hand, a redemption", read, "pages"),
                    Further("written to the log, a redemption", logged, "bytes"),
                    Further("large, told to come again", ours.count(Fate.REFUSED), "requests"),
                    *about("large", ours),
                    *about("small", floor),
                ),
            )


async def _fill(
    place: Place, large: Place, region: Region, vouchers: int, made_at: datetime
) -> list[Paper]:
    """Copy the furnished database and give the copy its history."""
    connection = await asyncpg.connect(plain_url(place.database_url, "postgres"))
    try:
        small_name = place.database_url.partition("?")[0].rpartition("/")[2]
        await connection.execute(f"CREATE DATABASE {_LARGE} TEMPLATE {small_name}")
    finally:
        await connection.close()
    shops = _shops(region)
    wanted = [
        Wanted(
            TownId(UUID(town_id)),
            shops[town_id],
            vouchers // len(shops),
            sum(paper.town_id == town_id for paper in region.papers),
            max(1, vouchers // PAPERS),
            made_at,
        )
        for town_id in shops
    ]
    key = region.key_encryption_key
    async with furnishing(large.database_url, key, made_at) as furnisher:
        terms = [await prepare(furnisher, each) for each in wanted]
    papers: list[Paper] = []
    connection = await asyncpg.connect(large.database_url)
    try:
        async with bare(connection):
            for each, its in zip(wanted, terms, strict=True):
                papers += await write_history(connection, each, its)
    finally:
        await connection.close()
    await _seal(large.database_url)
    return papers


async def _seal(database_url: str) -> None:
    """Seal the history, as the service had done it day by day."""
    engine = create_engine(
        database_url, role=None, pool_size=1, statement_timeout_seconds=24 * 3600
    )
    try:
        await seal(Database(engine), utc_now())
    finally:
        await engine.dispose()


async def _gigabytes(place: Place) -> float:
    connection = await asyncpg.connect(place.database_url)
    try:
        size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
        return size / 1e9
    finally:
        await connection.close()


async def _moved(place: Place) -> tuple[int, int]:
    """Return how many pages PostgreSQL had to fetch so far, and how many bytes it has logged."""
    connection = await asyncpg.connect(place.database_url)
    try:
        await asyncio.sleep(_COUNTED_EVERY)
        pages: int = await connection.fetchval(
            "SELECT blks_read FROM pg_stat_database WHERE datname = current_database()"
        )
        logged = await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'")
        return pages, int(logged)
    finally:
        await connection.close()


def _shops(region: Region) -> dict[str, list[Shop]]:
    found: dict[str, list[Shop]] = {}
    for device in region.devices:
        of_town = found.setdefault(device.shop.town_id, [])
        if device.shop not in of_town:
            of_town.append(device.shop)
    return found


BENCHMARK = Benchmark(
    name="scale-10m",
    unit="redemptions/s",
    about="redemptions with 10 million vouchers and 20 million redemptions in the database, "
    "beside the same with 10,000 vouchers",
    target=0.9,
    better="higher",
    run=_run,
)
