"""Every redemption and reversal enters exactly one statement, whenever it commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from api_fixtures import fresh_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from stage import Paper, Shop, Stage, Town, new_stage

from gutschein.db.access import CLEARING
from gutschein.db.pool import open_pool
from gutschein.kernel.ids import BranchId, MerchantId, RedemptionId, TownId
from gutschein.redemption.batch import write
from gutschein.redemption.clearing_repository import SESSION
from gutschein.redemption.deciding import Decided
from gutschein.redemption.order import Item, Order, Sale
from gutschein.redemption.presented import Presented
from gutschein.redemption.rules import By
from gutschein.redemption.rules import Shop as RedeemingShop
from gutschein.redemption.town_keys import TownKeys
from gutschein.watch.stopwatch import Stopwatch

DAY = timedelta(days=1)

_ENTRIES = text(
    """
    SELECT e.entry_id, e.kind, e.amount_cents, p.number
    FROM statement_entry e
    JOIN statement s ON s.town_id = e.town_id AND s.id = e.statement_id
    JOIN settlement p ON p.town_id = s.town_id AND p.id = s.settlement_id
    WHERE e.town_id = :town_id
    """
)


async def entries(stage: Stage, town: Town) -> dict[str, int]:
    """In which settlement each thing is listed, by its id."""
    async with stage.database.reading() as work:
        rows = (await work.execute(_ENTRIES, {"town_id": town.id})).all()
    assert len({row.entry_id for row in rows}) == len(rows)
    return {str(row.entry_id): row.number for row in rows}


def redeemed_sum(settlement: dict[str, Any]) -> int:
    return sum(each["redeemed_cents"] for each in settlement["statements"])


@asynccontextmanager
async def under_way(
    stage: Stage,
    voucher: Paper,
    amount_cents: int,
    shop: Shop | None = None,
    *,
    undone: bool = False,
) -> AsyncIterator[str]:
    """A redemption that is made, and commits, or is undone, only when the block is left."""
    shop = shop or voucher.town.shop
    redeeming = RedeemingShop(
        TownId(UUID(shop.town_id)),
        MerchantId(UUID(shop.merchant_id)),
        BranchId(UUID(shop.branch_id)),
    )
    id_ = fresh_id()
    item = Item(RedemptionId(UUID(id_)), Presented(token=voucher.token), amount_cents)
    keys = TownKeys(stage.database, stage.kek)
    place = await keys.place_of(item.presented, redeeming.town_id)
    answer = asyncio.get_running_loop().create_future()
    order = Order(
        Sale(redeeming, [item]), [place], stage.clock.now, None, By(), Stopwatch(), None, answer
    )
    pool = await open_pool(
        stage.database_url, CLEARING, size=1, statement_timeout_seconds=9, settings=SESSION
    )
    try:
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            [outcome] = await write(connection, [order])
            assert isinstance(outcome, Decided)
            yield id_
            await (transaction.rollback() if undone else transaction.commit())
    finally:
        await pool.close()


async def test_a_redemption_that_commits_after_the_closing_is_in_the_next_period(
    stage: Stage,
) -> None:
    """It happened on the 5th, the 5th was closed before it committed: nothing is lost."""
    town = stage.zwoenitz
    early, late = await stage.vouchers(town, 50_00, 2)
    seen = await stage.redeemed(early, 10_00)
    stage.clock.now += DAY / 2
    async with under_way(stage, late, 20_00) as late_id:
        stage.clock.now += DAY
        first = await stage.settle(town, "2026-12-01", "2026-12-05")
        assert redeemed_sum(first) == 10_00
    assert await entries(stage, town) == {seen["id"]: 1}
    second = await stage.settle(town, "2026-12-06", "2026-12-06")
    assert redeemed_sum(second) == 20_00
    assert await entries(stage, town) == {seen["id"]: 1, late_id: 2}
    await stage.audit()


async def test_a_redemption_across_towns_under_way_is_late_as_well(stage: Stage) -> None:
    town = stage.schneeberg
    voucher = await stage.voucher(stage.zwoenitz)
    async with under_way(stage, voucher, 20_00, town.shop) as late_id:
        stage.clock.now += DAY
        assert redeemed_sum(await stage.settle(town, "2026-12-01", "2026-12-05")) == 0
    await stage.settle(town, "2026-12-06", "2026-12-06")
    assert await entries(stage, town) == {late_id: 2}
    await stage.audit()


async def test_what_is_undone_before_it_commits_is_in_no_statement(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    async with under_way(stage, voucher, 20_00, undone=True):
        await stage.settle(town, "2026-12-01", "2026-12-05")
    assert await entries(stage, town) == {}
    assert await stage.left(voucher) == 50_00
    await stage.audit()


async def test_the_closing_does_not_wait_for_tills_nor_they_for_it(stage: Stage) -> None:
    town = stage.zwoenitz
    vouchers = await stage.vouchers(town, 50_00, 2)
    async with asyncio.timeout(5), under_way(stage, vouchers[0], 1_00):
        await stage.settle(town, "2026-12-01", "2026-12-05")
        await stage.redeemed(vouchers[1], 1_00)


async def test_the_edge_of_the_period_is_the_germans_midnight(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    stage.clock.now = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
    old = await stage.redeemed(voucher, 10_00)
    stage.clock.now = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    new = await stage.redeemed(voucher, 20_00)
    assert redeemed_sum(await stage.settle(town, "2026-12-01", "2026-12-31")) == 10_00
    assert redeemed_sum(await stage.settle(town, "2027-01-01", "2027-01-01")) == 20_00
    assert await entries(stage, town) == {old["id"]: 1, new["id"]: 2}


async def test_what_happened_before_the_first_period_is_not_forgotten(stage: Stage) -> None:
    town = stage.zwoenitz
    await stage.redeemed(await stage.voucher(town), 10_00)
    stage.clock.now += 10 * DAY
    assert redeemed_sum(await stage.settle(town, "2026-12-10", "2026-12-15")) == 10_00


async def test_redemptions_and_reversals_while_closing_enter_exactly_one_statement(
    stage: Stage,
) -> None:
    town = stage.zwoenitz
    vouchers = await stage.vouchers(town, 100_00, 6)
    happened: list[str] = []
    under_way = asyncio.Event()

    async def till(voucher: Paper, shop: Shop) -> None:
        for turn in range(8):
            done = await stage.redeemed(voucher, 1_00, shop)
            happened.append(done["id"])
            if len(happened) >= len(vouchers):
                under_way.set()
            if turn % 3 == 0:
                happened.append((await stage.reverse(done)).json()["id"])

    async def closing() -> None:
        await under_way.wait()
        await stage.settle(town, "2026-12-01", "2026-12-05")

    await asyncio.gather(*(till(each, town.shop) for each in vouchers), closing())
    stage.clock.now += DAY
    enough_to_be_paid = await stage.redeemed(vouchers[0], 20_00)
    happened.append(enough_to_be_paid["id"])
    await stage.settle(town, "2026-12-06", "2026-12-06")
    listed = await entries(stage, town)
    assert sorted(listed) == sorted(happened)
    assert set(listed.values()) == {1, 2}  # the closing came in between
    assert await stage.balance(town, "merchant_payable") == 0
    await stage.audit()


BEGIN = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.sampled_from(["redeem", "reverse", "close", "next-day", "begin", "commit"]), max_size=14
    )
)
async def test_in_any_order_nothing_is_lost_and_nothing_is_listed_twice(
    stage: Stage, steps: list[str]
) -> None:
    """Redemptions begin and commit, days end and are closed, in any order."""
    stage.clock.now = BEGIN
    stage = await new_stage(stage.api, stage.app, stage.clock, stage.database_url)
    town = stage.zwoenitz
    vouchers = iter(await stage.vouchers(town, 50_00, len(steps) + 1))
    happened: list[str] = []
    reversible: list[dict[str, Any]] = []
    begun: list[Any] = []
    closed_to = stage.clock.now - 30 * DAY

    async def commit_all() -> None:
        while begun:
            context = begun.pop()
            await context.__aexit__(None, None, None)

    async def close() -> None:
        nonlocal closed_to
        if stage.clock.now.date() > closed_to.date():
            begin = (closed_to + DAY).date().isoformat()
            await stage.settle(town, begin, stage.clock.now.date().isoformat())
            closed_to = stage.clock.now

    for step in steps:
        if step == "redeem":
            reversible.append(await stage.redeemed(next(vouchers), 7_00))
            happened.append(reversible[-1]["id"])
        elif step == "reverse" and reversible:
            happened.append((await stage.reverse(reversible.pop())).json()["id"])
        elif step == "begin" and len(begun) < 3:
            begun.append(under_way(stage, next(vouchers), 5_00))
            happened.append(await begun[-1].__aenter__())
        elif step == "commit":
            await commit_all()
        elif step == "next-day":
            stage.clock.now += DAY
            reversible.clear()
        elif step == "close":
            await close()
    await commit_all()
    stage.clock.now += DAY
    await close()
    assert sorted(await entries(stage, town)) == sorted(happened)
    await stage.audit()
