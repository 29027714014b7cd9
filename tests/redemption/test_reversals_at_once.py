"""Many reversals at once: they share their commits, and each is judged for itself."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from api_fixtures import code_of, fresh_id
from breaking import BROKEN_CENTS, breaking_on
from sqlalchemy import text
from stage import Paper, Shop, Stage, new_shop

from gutschein.redemption import clearing as engine

TILLS = 64


@pytest.fixture
async def breaking_stage(fresh_database_url: str) -> AsyncIterator[Stage]:
    async with breaking_on("reversal", fresh_database_url) as stage:
        yield stage


async def redeemed(
    stage: Stage, vouchers: list[Paper], amount_cents: int, shop: Shop
) -> list[dict[str, Any]]:
    return await asyncio.gather(
        *(stage.redeemed(voucher, amount_cents, shop) for voucher in vouchers)
    )


def said(answers: list[httpx.Response]) -> Counter[str]:
    return Counter("done" if answer.is_success else code_of(answer) for answer in answers)


async def test_64_of_both_towns_share_their_commits(stage: Stage) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, TILLS // 2)
    vouchers += await stage.vouchers(stage.schneeberg, 50_00, TILLS // 2)
    done = await redeemed(stage, vouchers, 12_50, stage.zwoenitz.shop)
    answers = await asyncio.gather(*(stage.reverse(each) for each in done))
    assert [answer.json()["credited_voucher_id"] for answer in answers] == [
        voucher.id for voucher in vouchers
    ]
    assert {answer.json()["balance_after_cents"] for answer in answers} == {50_00}
    assert await stage.balance(stage.zwoenitz, "merchant_payable") == 0
    async with stage.database.reading() as work:
        wrote = "SELECT count(DISTINCT xmin::text) FROM reversal WHERE town_id = :town_id"
        commits = await work.scalar(text(wrote), {"town_id": stage.zwoenitz.id})
    assert commits is not None
    assert commits < TILLS * 3 // 4
    await stage.audit()


async def test_64_on_one_voucher_are_told_what_each_leaves(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz, TILLS * 1_00)
    done = await redeemed(stage, [voucher] * TILLS, 1_00, stage.schneeberg.shop)
    answers = await asyncio.gather(*(stage.reverse(each) for each in done))
    left = sorted(answer.json()["balance_after_cents"] for answer in answers)
    assert left == [turn * 1_00 for turn in range(1, TILLS + 1)]
    await stage.audit()


async def test_one_id_64_times_is_one_reversal(stage: Stage) -> None:
    voucher, id_ = await stage.voucher(stage.zwoenitz), fresh_id()
    done = await stage.redeemed(voucher, 12_50, stage.schneeberg.shop)
    answers = await asyncio.gather(*(stage.reverse(done, id=id_) for _ in range(TILLS)))
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, answers[0].content)
    }
    assert await stage.left(voucher) == 50_00
    await stage.audit()


async def test_of_64_ids_for_one_redemption_one_reverses_it(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done = await stage.redeemed(voucher, 12_50)
    answers = await asyncio.gather(*(stage.reverse(done) for _ in range(TILLS)))
    assert said(answers) == {"done": 1, "reversal.already": TILLS - 1}
    assert await stage.left(voucher) == 50_00
    await stage.audit()


async def test_bad_ones_fail_alone(breaking_stage: Stage) -> None:
    stage, town = breaking_stage, breaking_stage.zwoenitz
    neighbour = await new_shop(stage.api, town.id)
    vouchers = await stage.vouchers(town, 50_00, 20)
    done = await redeemed(stage, vouchers, 5_00, town.shop)
    broken = await stage.redeemed(vouchers[7], BROKEN_CENTS)
    answers = await asyncio.gather(
        *(stage.reverse(each) for each in done[:10]),
        stage.reverse(broken),
        stage.reverse(done[0] | {"id": fresh_id()}),
        stage.reverse(done[11], neighbour),
        stage.reverse(done[12], id=done[13]["id"]),
        *(stage.reverse(each) for each in done[10:]),
    )
    assert [answer.status_code for answer in answers] == (
        [200] * 10 + [500, 404, 403, 409] + [200] * 10
    )
    assert said([*answers[11:14]]) == {
        "redemption.unknown": 1,
        "reversal.other_merchant": 1,
        "request.conflict": 1,
    }
    assert await stage.left(vouchers[7]) == 50_00 - BROKEN_CENTS
    await stage.audit()


async def test_each_voucher_is_judged_by_what_it_has_become(stage: Stage) -> None:
    town = stage.zwoenitz
    expired = await stage.voucher(town, sold_on="2023-06-01")  # until the end of 2026
    blocked, replaced, other = await stage.vouchers(town, 50_00, 3)
    done = await redeemed(stage, [expired, blocked, replaced, other], 5_00, town.shop)
    await stage.block(blocked)
    living = await stage.replace(await stage.replace(replaced))
    day_of_sale, stage.clock.now = stage.clock.now, stage.clock.now + timedelta(days=27)
    assert await stage.expire(town) == 1
    stage.clock.now = day_of_sale
    answers = await asyncio.gather(*(stage.reverse(each) for each in done))
    assert said(answers) == {"done": 3, "voucher.expired": 1}
    assert [answer.json().get("credited_voucher_id") for answer in answers] == [
        *(None, blocked.id, living.id, other.id)
    ]


async def test_a_voucher_is_spent_while_its_redemptions_are_taken_back(stage: Stage) -> None:
    town, other = stage.zwoenitz, stage.schneeberg
    voucher = await stage.voucher(town, 100_00)
    done = await redeemed(stage, [voucher] * 20, 1_00, town.shop)
    done += await redeemed(stage, [voucher] * 20, 1_00, other.shop)
    both = [call for each in done for call in (stage.reverse(each), sell(stage, voucher, other))]
    answers = await asyncio.gather(*both)
    assert said(answers) == {"done": 80}
    assert await stage.left(voucher) == 100_00 - 40 * 1_00
    await stage.audit()


async def sell(stage: Stage, voucher: Paper, town: Any) -> httpx.Response:
    return await stage.redeem(stage.sold(voucher, 1_00, town.shop))


async def test_who_holds_a_voucher_holds_up_nobody_else(stage: Stage) -> None:
    held, other = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    first, second = await redeemed(stage, [held, other], 5_00, stage.schneeberg.shop)
    id_ = fresh_id()
    async with stage.database.unit_of_work() as work:
        await work.execute(
            text("SELECT FROM ledger_account WHERE id = :id FOR UPDATE"), {"id": held.id}
        )
        answers = await asyncio.gather(stage.reverse(first, id=id_), stage.reverse(second))
        assert said(list(answers)) == {"service.busy": 1, "done": 1}
        assert await stage.left(other) == 50_00
    assert (await stage.reverse(first, id=id_)).status_code == 200
    await stage.audit()


async def test_when_a_connection_is_lost_the_same_id_is_answered_the_same(stage: Stage) -> None:
    voucher, id_ = await stage.voucher(stage.zwoenitz), fresh_id()
    done = await stage.redeemed(voucher, 5_00)
    async with stage.database.unit_of_work() as work:
        await work.execute(
            text("SELECT FROM ledger_account WHERE id = :id FOR UPDATE"), {"id": voucher.id}
        )
        asked = asyncio.create_task(stage.reverse(done, id=id_))
        while not await _cut_off(stage):  # noqa: ASYNC110 - the service is not to know of tests
            await asyncio.sleep(0.01)
    first = await asked
    assert first.status_code == 200, first.text
    assert (await stage.reverse(done, id=id_)).content == first.content
    assert await stage.left(voucher) == 50_00
    await stage.audit()


async def _cut_off(stage: Stage) -> bool:
    """End the connection of whoever waits for a voucher; tell whether there was one."""
    cut = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
          AND query ~ 'FOR NO KEY UPDATE OF a|write_reversals'
    """
    connection = await asyncpg.connect(stage.database_url)
    try:
        return bool(await connection.fetch(cut))
    finally:
        await connection.close()


async def test_when_too_many_wait_a_reversal_is_told_to_come_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, id_ = await stage.redeemed(await stage.voucher(stage.zwoenitz), 5_00), fresh_id()
    with monkeypatch.context() as full:
        full.setattr(engine, "MOST_WAITING", 0)
        busy = await stage.reverse(done, id=id_)
    assert (code_of(busy), busy.headers["retry-after"]) == ("service.busy", "1")
    assert (await stage.reverse(done, id=id_)).status_code == 200


async def test_each_request_has_one_line_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    done, id_ = await stage.redeemed(await stage.voucher(stage.zwoenitz), 5_00), fresh_id()
    caplog.set_level(logging.INFO, "gutschein.redemptions")
    caplog.clear()  # of what an earlier test has let through
    await stage.reverse(done, id=id_)
    stage.clock.now += timedelta(minutes=1)
    await stage.reverse(done, id=id_)
    await stage.reverse(done)
    lines = [line.getMessage() for line in caplog.records if line.name == "gutschein.redemptions"]
    assert [line.split(": ")[1].split(" in ")[0] for line in lines] == [
        *("done", "repeated", "refused reversal.already")
    ]
    assert all(line.startswith("reversal ") for line in lines)
