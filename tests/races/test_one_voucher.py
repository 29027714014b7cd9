"""Everything that can happen to one voucher happens at once; the sums are always right."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from api_fixtures import code_of, fresh_id
from stage import Paper, Stage, repeated

from gutschein.kernel.ids import TownId
from gutschein.signing.keyring import renew_signing_key

Step = Callable[[], Awaitable[httpx.Response]]


def all_at_once(stage: Stage, voucher: Paper, done: list[dict[str, Any]]) -> list[Step]:
    """Sixty requests about one voucher."""
    path = voucher.town.path(f"vouchers/{voucher.id}")
    other = stage.schneeberg.shop

    def redeem(amount_cents: int, *, abroad: bool) -> Step:
        sold = stage.sold(voucher, amount_cents, other if abroad else None)
        return lambda: repeated(lambda: stage.redeem(sold))

    def reverse(redemption: dict[str, Any]) -> Step:
        id_ = fresh_id()
        return lambda: repeated(lambda: stage.reverse(redemption, id=id_))

    def post(rest: str, body: object = None) -> Step:
        return lambda: stage.api.post(rest, body)

    return [
        *(redeem(1_00 + turn, abroad=turn % 2 == 0) for turn in range(24)),
        *(reverse(redemption) for redemption in done for _ in range(2)),
        *(post(f"{path}/replacement", {"reason": "Verloren"}) for _ in range(6)),
        *(post(f"{path}/block", {"reason": "Verloren"}) for _ in range(4)),
        *(post(voucher.town.path("expiries")) for _ in range(4)),
        *(lambda: stage.api.get(path) for _ in range(6)),
    ]


def sound(answers: list[httpx.Response]) -> None:
    """Nothing broke, and nobody was turned away for good."""
    for answer in answers:
        assert answer.status_code in {200, 201, 409}, answer.text
        if answer.is_error:
            assert code_of(answer) in {
                "voucher.blocked",
                "voucher.replaced",
                "voucher.expired",
                "voucher.empty",
                "voucher.insufficient",
                "reversal.already",
            }


async def alive(stage: Stage, voucher: Paper) -> dict[str, Any]:
    """What a voucher has become: itself, or its replacement."""
    found: dict[str, Any] = (
        await stage.api.get(voucher.town.path(f"vouchers/{voucher.id}"))
    ).json()
    while found["replaced_by_id"]:
        assert (found["state"], found["balance_cents"]) == ("replaced", 0)
        path = voucher.town.path(f"vouchers/{found['replaced_by_id']}")
        found = (await stage.api.get(path)).json()
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_redeem_reverse_block_and_replace_at_once(stage: Stage, seed: int) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 100_00)
    done = [
        await stage.redeemed(voucher, 2_00, shop)
        for shop in (stage.zwoenitz.shop, stage.schneeberg.shop) * 4
    ]
    steps = all_at_once(stage, voucher, done)
    random.Random(seed).shuffle(steps)
    answers = await asyncio.gather(*(step() for step in steps))
    sound(answers)
    reversed_ = [each for each in answers if "/reversal" in each.url.path and each.is_success]
    assert len(reversed_) == len(done)
    spent = sum(
        each.json()["amount_cents"]
        for each in answers
        if each.url.path == "/api/v1/redemptions" and each.is_success
    )
    left = (await alive(stage, voucher))["balance_cents"]
    assert left == 100_00 - spent
    assert await stage.balance(stage.zwoenitz, "voucher") == left
    await stage.audit()


@pytest.mark.parametrize("seed", range(4))
async def test_at_midnight_of_the_last_day(stage: Stage, seed: int) -> None:
    """Some ask before midnight and some after it; who waits for a lock keeps his time."""
    stage.clock.now = datetime(2029, 12, 31, 22, 59, 59, tzinfo=UTC)

    async with stage.database.unit_of_work() as work:
        for town in stage.towns:
            await renew_signing_key(work, TownId(town), stage.kek, stage.clock.now)
    voucher = await stage.voucher(stage.zwoenitz, 100_00, sold_on="2026-12-05")
    done = [await stage.redeemed(voucher, 2_00) for _ in range(4)]
    steps = all_at_once(stage, voucher, done)
    random.Random(seed).shuffle(steps)

    async def at(step: Step, place: int) -> httpx.Response:
        stage.clock.now = datetime(2029, 12, 31, 22, 59, 59, tzinfo=UTC)
        if place > len(steps) // 2:
            stage.clock.now = datetime(2029, 12, 31, 23, 0, tzinfo=UTC)
        return await step()

    answers = await asyncio.gather(*(at(step, place) for place, step in enumerate(steps)))
    for answer in answers:
        assert answer.status_code in {200, 201, 409}, answer.text
    await stage.audit()


async def test_replacements_of_replacements_while_reversing(stage: Stage) -> None:
    """A reversal finds the voucher that is alive, however often it is replaced meanwhile."""
    voucher = await stage.voucher(stage.zwoenitz, 100_00)
    done = [await stage.redeemed(voucher, 1_00) for _ in range(12)]

    async def replace_again_and_again() -> None:
        living = voucher.id
        for _ in range(8):
            path = voucher.town.path(f"vouchers/{living}/replacement")
            answer = await stage.api.post(path, {"id": fresh_id(), "reason": "Verloren"})
            assert answer.status_code == 201, answer.text
            living = answer.json()["id"]

    async def reverse_all(part: list[dict[str, Any]]) -> None:
        for redemption in part:
            answer = await stage.reverse(redemption)
            assert answer.status_code == 200, answer.text

    await asyncio.gather(replace_again_and_again(), reverse_all(done[::2]), reverse_all(done[1::2]))
    assert (await alive(stage, voucher))["balance_cents"] == 100_00
    await stage.audit()


async def test_hundreds_of_tills_on_many_vouchers_in_both_towns(stage: Stage) -> None:
    """300 redemptions and reversals at once: every cent is somewhere."""
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 10)
    vouchers += await stage.vouchers(stage.schneeberg, 50_00, 10)
    shops = (stage.zwoenitz.shop, stage.schneeberg.shop)

    async def till(turn: int) -> None:
        sold = stage.sold(vouchers[turn % 20], 1_00 + turn % 7, shops[turn % 2])
        done = await repeated(lambda: stage.redeem(sold))
        assert done.status_code == 200, done.text
        if turn % 3 == 0:
            id_ = fresh_id()
            undone = await repeated(lambda: stage.reverse(done.json(), id=id_))
            assert undone.status_code == 200, undone.text

    await asyncio.gather(*(till(turn) for turn in range(300)))
    kept = sum(1_00 + turn % 7 for turn in range(300) if turn % 3)
    owed = sum(
        [
            await stage.balance(town, "merchant_payable")
            for town in (stage.zwoenitz, stage.schneeberg)
        ]
    )
    assert owed == kept
    await stage.audit()
