"""Somebody holds a voucher. Who wants it waits with nothing else locked, and nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest
from api_fixtures import code_of, fresh_id
from sqlalchemy import text
from stage import Paper, Stage

#: Longer than one wait for a lock, and shorter than two.
A_WHILE = 1.2


@asynccontextmanager
async def held(stage: Stage, voucher: Paper) -> AsyncIterator[None]:
    async with stage.database.unit_of_work() as work:
        await work.execute(
            text("SELECT FROM ledger_account WHERE id = :id FOR UPDATE"), {"id": voucher.id}
        )
        yield


async def until_waiting(stage: Stage, many: int = 1) -> None:
    """Wait until so many wait for a lock."""
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    connection = await asyncpg.connect(stage.database_url)
    try:
        async with asyncio.timeout(10):
            while await connection.fetchval(waiting) < many:  # noqa: ASYNC110 - somebody else
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


async def free(stage: Stage, vouchers: Sequence[Paper]) -> set[str]:
    """Which of them nobody has locked."""
    connection = await asyncpg.connect(stage.database_url)
    try:
        rows = await connection.fetch(
            "SELECT id FROM ledger_account WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED",
            [UUID(voucher.id) for voucher in vouchers],
        )
    finally:
        await connection.close()
    return {str(row["id"]) for row in rows}


async def two(stage: Stage) -> list[Paper]:
    """Two vouchers, in the order of their ids."""
    return sorted(
        await stage.vouchers(stage.zwoenitz, 50_00, 2), key=lambda voucher: UUID(voucher.id)
    )


async def test_a_sale_locks_none_of_its_vouchers_while_it_waits_for_another(stage: Stage) -> None:
    for turn in (0, 1):
        vouchers = await two(stage)
        other, wanted = vouchers[turn], vouchers[1 - turn]
        shop = stage.zwoenitz.shop.fields
        items = [{"id": fresh_id(), "amount_cents": 5_00} | each.shown for each in (other, wanted)]
        async with held(stage, wanted):
            body = {"id": fresh_id(), "items": items} | shop
            sale = asyncio.create_task(stage.api.post("/api/v1/sales", body))
            await until_waiting(stage)
            assert await free(stage, vouchers) == {other.id}
            await stage.redeemed(other, 1_00)
            assert not sale.done()
        assert (await sale).status_code == 200
        assert [await stage.left(each) for each in (other, wanted)] == [44_00, 45_00]
    await stage.audit()


async def test_what_is_written_waits_for_no_voucher(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    unchanged = """
        SELECT lock_vouchers(ARRAY[ROW(
            v.town_id, v.id, v.state, v.valid_until, a.balance_cents, 0
        )::voucher_changed])
        FROM voucher v JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
        WHERE v.id = $1
    """
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute(unchanged, UUID(voucher.id))
        async with held(stage, voucher):
            with pytest.raises(asyncpg.SerializationError):
                await connection.execute(unchanged, UUID(voucher.id), timeout=5)
    finally:
        await connection.close()


async def test_who_waits_is_served_when_the_voucher_is_let_go(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    async with held(stage, voucher):
        redeeming = asyncio.create_task(stage.redeem(stage.sold(voucher, 5_00)))
        await until_waiting(stage)
        await asyncio.sleep(A_WHILE)
    assert (await redeeming).status_code == 200
    await stage.audit()


@pytest.mark.parametrize("let_go", [0, 1])
async def test_of_two_held_vouchers_each_is_waited_for(stage: Stage, let_go: int) -> None:
    vouchers = await two(stage)
    shop = stage.zwoenitz.shop.fields
    items = [
        {"id": fresh_id(), "amount_cents": 5_00} | each.shown | shop
        for each in (vouchers[let_go], vouchers[1 - let_go])
    ]
    async with held(stage, vouchers[1 - let_go]):
        async with held(stage, vouchers[let_go]):
            batch = asyncio.create_task(
                stage.api.post("/api/v1/redemptions/batch", {"items": items})
            )
            await until_waiting(stage)
        served, turned_away = (await batch).json()["results"]
    assert served["redemption"]["balance_after_cents"] == 45_00
    assert turned_away["problem"]["code"] == "service.busy"
    await stage.audit()


async def test_a_reversal_that_waits_follows_the_voucher_to_its_replacement(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done = await stage.redeemed(voucher, 5_00)
    async with held(stage, voucher):
        replacing = asyncio.create_task(stage.replace(voucher))
        await until_waiting(stage)
        reversing = asyncio.create_task(stage.reverse(done))
        await until_waiting(stage, 2)
    replacement = await replacing
    reversed_ = (await reversing).json()
    assert reversed_["credited_voucher_id"] == replacement.id
    assert await stage.left(replacement) == 50_00
    await stage.audit()


async def test_who_comes_with_it_again_and_again_is_told_so(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body = stage.sold(voucher, 5_00)
    async with held(stage, voucher):
        assert code_of(await stage.redeem(body)) == "service.busy"
    assert (await stage.redeem(body)).status_code == 200
    assert await stage.left(voucher) == 45_00
