"""What the engine promises beyond a single redemption: neighbours, retries, limits, caches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from api_fixtures import code_of, fresh_id
from breaking import BROKEN_CENTS, DEADLOCKED_CENTS, breaking_on
from sqlalchemy import text
from stage import Stage

from gutschein.redemption import clearing as engine
from gutschein.redemption.clearing import Clearing
from tests.conftest import _execute


@pytest.fixture
async def stage(fresh_database_url: str) -> AsyncIterator[Stage]:
    async with breaking_on("redemption", fresh_database_url) as stage:
        yield stage


def clearing(stage: Stage) -> Clearing:
    found: Clearing = stage.app.state.clearing
    return found


async def until_something_waits(stage: Stage) -> None:
    while clearing(stage).waiting == 0:  # noqa: ASYNC110 - the service is not to know of tests
        await asyncio.sleep(0.001)


async def at_once(stage: Stage, bodies: list[dict[str, Any]]) -> list[httpx.Response]:
    return list(await asyncio.gather(*(stage.redeem(body) for body in bodies)))


async def test_a_bad_one_fails_alone(stage: Stage) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 20)
    await stage.redeemed(vouchers[0], 1_00)
    bodies = [stage.sold(voucher, 5_00) for voucher in vouchers]
    bodies[7]["amount_cents"] = BROKEN_CENTS
    answers = await at_once(stage, bodies)
    assert [answer.status_code for answer in answers] == [200] * 7 + [500] + [200] * 12
    assert await stage.left(vouchers[7]) == 50_00
    await stage.audit()


async def test_what_others_were_in_the_way_of_is_tried_again(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    assert (await stage.redeemed(voucher, DEADLOCKED_CENTS))["balance_after_cents"] == 42_23
    await stage.audit()


async def test_many_at_once_share_their_commits(stage: Stage) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 100)
    await stage.redeemed(vouchers[0], 1_00)
    before = await transactions(stage)
    answers = await at_once(stage, [stage.sold(voucher, 5_00) for voucher in vouchers])
    assert {answer.status_code for answer in answers} == {200}
    assert await transactions(stage) - before < 50
    await stage.audit()


async def transactions(stage: Stage) -> int:
    """How many transactions have written redemptions."""
    async with stage.database.reading() as work:
        found = await work.scalar(text("SELECT count(DISTINCT xmin::text) FROM redemption"))
    return int(found or 0)


async def test_when_too_many_wait_the_next_is_told_to_come_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher, other = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    await stage.redeemed(voucher, 1_00)
    monkeypatch.setattr(engine, "MOST_WAITING", 1)
    body = stage.sold(other, 5_00)
    async with stage.database.unit_of_work() as work:
        await work.execute(
            text("SELECT FROM ledger_account WHERE id = :id FOR UPDATE"), {"id": voucher.id}
        )
        held_up = asyncio.create_task(stage.redeem(stage.sold(voucher, 5_00)))
        await until_something_waits(stage)
        busy = await stage.redeem(body)
        assert code_of(busy) == "service.busy"
        assert busy.headers["retry-after"] == "1"
    assert (await held_up).status_code == 200
    assert (await stage.redeem(body)).status_code == 200
    await stage.audit()


async def test_a_request_that_is_given_up_is_booked_or_not_but_never_twice(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body = stage.sold(voucher, 5_00)
    async with stage.database.unit_of_work() as work:
        await work.execute(
            text("SELECT FROM ledger_account WHERE id = :id FOR UPDATE"), {"id": voucher.id}
        )
        given_up = asyncio.create_task(stage.redeem(body))
        await until_something_waits(stage)
        given_up.cancel()
        await asyncio.wait({given_up})
    again = await stage.redeem(body)
    assert again.json()["balance_after_cents"] == 45_00
    assert await stage.left(voucher) == 45_00
    await stage.audit()


async def test_a_key_revoked_behind_the_workers_back_is_refused_at_once(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body = stage.sold(voucher, 5_00)
    done = await stage.redeem(body)
    stage.clock.now += timedelta(minutes=1)
    revoked = f"UPDATE signing_key SET revoked_at = '{stage.clock.now}', revoked_reason = 'Leck'"
    await _execute(stage.database_url, revoked)
    refused = await stage.redeem(stage.sold(voucher, 5_00))
    assert code_of(refused) == "token.key_revoked"
    assert (await stage.redeem(body)).content == done.content  # it took place before
    typed = stage.sold(voucher, 5_00) | {"token": None} | voucher.typed
    assert (await stage.redeem(typed)).status_code == 200


async def test_a_master_key_that_comes_is_heard_of_at_once(stage: Stage) -> None:
    """Whoever can write to the database cannot make tills believe in an unendorsed key."""
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.redeemed(voucher, 5_00)
    key = "00" * 32
    await _execute(stage.database_url, f"UPDATE region SET master_public_key = '\\x{key}'")
    refused = await stage.redeem(stage.sold(voucher, 5_00))
    assert code_of(refused) == "token.key_unknown"
    await _execute(stage.database_url, "UPDATE region SET master_public_key = NULL")
    await stage.redeemed(voucher, 5_00)


async def test_an_api_key_revoked_behind_the_workers_back_is_refused_at_once(
    stage: Stage,
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.redeemed(voucher, 5_00)
    await _execute(stage.database_url, f"UPDATE api_key SET revoked_at = '{stage.clock.now}'")
    for body in (
        stage.sold(voucher, 5_00),
        stage.sold(voucher, 5_00) | {"token": "no token"},
        stage.sold(voucher, 5_00) | {"branch_id": fresh_id()},
    ):
        assert code_of(await stage.redeem(body)) == "auth.required"
    assert await stage.left(voucher) == 45_00


async def test_the_use_of_an_api_key_is_noted_once_an_hour(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    noted = []
    for _ in range(4):
        await stage.redeemed(voucher, 1_00)
        async with stage.database.reading() as work:
            noted.append(await work.scalar(text("SELECT max(used_at) FROM api_key")))
        stage.clock.now += timedelta(minutes=25)
    first = noted[0]
    assert noted == [first, first, first, first + timedelta(minutes=75)]


async def test_it_closes_only_when_all_have_their_answers(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    asked = [asyncio.create_task(stage.redeem(stage.sold(voucher, 5_00))) for _ in range(5)]
    await until_something_waits(stage)
    await clearing(stage).close()
    answers = await asyncio.gather(*asked)
    assert all(answer.status_code == 200 or code_of(answer) == "service.busy" for answer in answers)
