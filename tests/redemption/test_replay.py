"""The till decides the id: the same redemption again gets the same answer for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from api_fixtures import code_of, fresh_id
from stage import Paper, Stage, agree, new_shop, new_town

from gutschein.kernel.ids import TownId
from gutschein.signing.keyring import VERIFYING_TIME, renew_signing_key


async def spend_the_rest(stage: Stage, voucher: Paper) -> None:
    await stage.redeemed(voucher, 37_50)


async def block(stage: Stage, voucher: Paper) -> None:
    await stage.block(voucher)


async def replace(stage: Stage, voucher: Paper) -> None:
    await stage.replace(voucher)


async def expire(stage: Stage, voucher: Paper) -> None:
    stage.clock.now += timedelta(days=5 * 365)
    assert await stage.expire(voucher.town) == 1


async def close_the_branch(stage: Stage, _: Paper) -> None:
    await stage.close_branch(stage.schneeberg.shop)


async def end_the_agreement(stage: Stage, _: Paper) -> None:
    path = stage.zwoenitz.path(f"acceptances/{stage.schneeberg.id}/end")
    assert (await stage.api.post(path, {"valid_until": "2026-12-05"})).status_code == 200
    stage.clock.now += timedelta(days=1)


async def rotate_the_key(stage: Stage, voucher: Paper) -> None:
    async with stage.database.unit_of_work() as work:
        await renew_signing_key(work, TownId(UUID(voucher.town.id)), stage.kek, stage.clock.now)


async def outlive_the_key(stage: Stage, voucher: Paper) -> None:
    stage.clock.now += VERIFYING_TIME + timedelta(days=366)
    new = stage.sold(voucher, 1_00, stage.schneeberg.shop)
    await stage.refused(await stage.redeem(new), "token.key_expired")


@pytest.mark.parametrize(
    "event",
    [
        spend_the_rest,
        block,
        replace,
        expire,
        close_the_branch,
        end_the_agreement,
        rotate_the_key,
        outlive_the_key,
    ],
)
async def test_the_answer_stays_whatever_happens_afterwards(stage: Stage, event: Any) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body = stage.sold(voucher, 12_50, stage.schneeberg.shop)
    first = await stage.redeem(body)
    assert first.status_code == 200
    await event(stage, voucher)
    mark = await stage.moved()
    again = await stage.redeem(body)
    assert (again.status_code, again.content) == (200, first.content)
    typed = {name: value for name, value in body.items() if name != "token"} | voucher.typed
    assert (await stage.redeem(typed)).content == first.content
    conflict = await stage.redeem(body, amount_cents=12_51)
    assert (conflict.status_code, code_of(conflict)) == (409, "redemption.conflict")
    assert await stage.moved() == mark


async def test_a_reversed_redemption_still_gets_its_answer_and_is_not_made_again(
    stage: Stage,
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body = stage.sold(voucher, 12_50)
    first = await stage.redeem(body)
    assert (await stage.reverse(first.json())).status_code == 200
    mark = await stage.moved()
    assert (await stage.redeem(body)).content == first.content
    assert await stage.moved() == mark
    assert await stage.left(voucher) == 50_00


async def test_another_redemption_under_the_same_id_is_refused(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher, other = await stage.vouchers(town, 50_00, 2)
    neighbour = await new_shop(stage.api, town.id)
    body = stage.sold(voucher, 10_00)
    assert (await stage.redeem(body)).status_code == 200
    await stage.block(other)  # whatever else is wrong with it: the id is taken
    mark = await stage.moved()
    unknown_code = {"token": None, "code": "0000-0000-0000-0001-1"}
    for change in ({"amount_cents": 9_99}, other.shown, neighbour.fields, unknown_code):
        refused = await stage.redeem(body, **change)
        assert (refused.status_code, code_of(refused)) == (409, "redemption.conflict"), change
    assert await stage.moved() == mark


async def test_the_same_id_in_another_towns_shop_is_refused(stage: Stage) -> None:
    voucher, other = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    body = stage.sold(voucher, 10_00)
    assert (await stage.redeem(body)).status_code == 200
    mark = await stage.moved()
    for shown in (voucher, other):
        refused = await stage.redeem(body | shown.shown | stage.schneeberg.shop.fields)
        assert (refused.status_code, code_of(refused)) == (409, "redemption.conflict")
    assert await stage.moved() == mark
    await stage.audit()


async def test_a_refusal_leaves_the_id_free(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body = stage.sold(voucher, 50_01)
    await stage.refused(await stage.redeem(body), "voucher.insufficient")
    assert (await stage.redeem(body, amount_cents=50_00)).status_code == 200


async def test_the_same_id_at_once_for_two_vouchers_and_two_towns_is_one_redemption(
    stage: Stage,
) -> None:
    third = await new_town(stage.api, stage.zwoenitz.region_id, "Marienberg")
    await agree(stage.api, stage.zwoenitz, third)
    shops = [stage.zwoenitz.shop, stage.schneeberg.shop, third.shop]
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 4)
    id_ = fresh_id()
    answers = await asyncio.gather(
        *(
            stage.redeem(stage.sold(voucher, 10_00, shop) | {"id": id_})
            for voucher in vouchers
            for shop in shops
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    assert {code_of(answer) for answer in answers if answer.is_error} == {"redemption.conflict"}
    assert await stage.balance(stage.zwoenitz, "voucher") == 190_00
    await stage.audit()
