"""A redemption is taken back whole: once, on its day, by its merchant, to its voucher."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from api_fixtures import code_of, fresh_id
from stage import Shop, Stage, new_shop


async def test_the_money_is_back_on_the_voucher(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done = await stage.redeemed(voucher, 12_50)
    reversed_ = await stage.reverse(done)
    assert reversed_.status_code == 200
    assert reversed_.json() == {
        "id": reversed_.json()["id"],
        "redemption_id": done["id"],
        "credited_voucher_id": voucher.id,
        "amount_cents": 12_50,
        "balance_after_cents": 50_00,
        "reversed_at": "2026-12-05T09:00:00Z",
    }
    assert await stage.left(voucher) == 50_00
    assert await stage.balance(stage.zwoenitz, "merchant_payable") == 0
    await stage.audit()


async def test_a_partner_towns_reversal_goes_back_through_both_books(stage: Stage) -> None:
    issuer, partner = stage.zwoenitz, stage.schneeberg
    voucher = await stage.voucher(issuer)
    done = await stage.redeemed(voucher, 20_00, partner.shop)
    await stage.redeemed(voucher, 10_00, partner.shop)
    assert (await stage.reverse(done)).json()["balance_after_cents"] == 40_00
    assert await stage.balance(issuer, "clearing", partner.id) == 10_00
    assert await stage.balance(partner, "clearing", issuer.id) == -10_00
    assert await stage.balance(partner, "merchant_payable") == 10_00
    await stage.audit()


async def test_the_same_reversal_again_gets_the_same_answer_for_ever(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done, id_ = await stage.redeemed(voucher, 12_50), fresh_id()
    first = await stage.reverse(done, id=id_)
    await stage.redeemed(voucher, 50_00)
    await stage.close_branch(stage.zwoenitz.shop)
    stage.clock.now += timedelta(days=4 * 365)
    await stage.expire(stage.zwoenitz)
    mark = await stage.moved()
    again = await stage.reverse(done, id=id_)
    assert (again.status_code, again.content) == (200, first.content)
    other = await stage.reverse(done)
    assert (other.status_code, code_of(other)) == (409, "reversal.already")
    assert await stage.moved() == mark


async def test_a_redemption_is_reversed_once_however_many_ask(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done, id_ = await stage.redeemed(voucher, 12_50, stage.schneeberg.shop), fresh_id()
    answers = await asyncio.gather(
        *(stage.reverse(done, id=id_) for _ in range(8)), *(stage.reverse(done) for _ in range(8))
    )
    good = [answer for answer in answers if answer.is_success]
    assert len({answer.content for answer in good}) == 1
    assert len(good) in {1, 8}
    assert {code_of(answer) for answer in answers if answer.is_error} == {"reversal.already"}
    assert await stage.left(voucher) == 50_00
    await stage.audit()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("redeemed_at", "reversed_at", "same_day"),
    [
        # In winter a German day begins at 23 o'clock UTC,
        ("2026-12-05 22:59:00", "2026-12-05 22:59:59", True),
        ("2026-12-05 22:59:00", "2026-12-05 23:00:00", False),
        ("2026-12-05 23:00:00", "2026-12-06 22:59:59", True),
        # in summer at 22 o'clock.
        ("2027-07-01 21:59:00", "2027-07-01 22:00:00", False),
        ("2027-07-01 22:00:00", "2027-07-02 21:59:59", True),
        # The day that summer time begins has 23 hours,
        ("2027-03-27 23:00:00", "2027-03-28 21:59:59", True),
        ("2027-03-27 23:00:00", "2027-03-28 22:00:00", False),
        # the day that it ends has 25, and the hour that there is twice belongs to it.
        ("2027-10-30 22:00:00", "2027-10-31 22:59:59", True),
        ("2027-10-30 22:00:00", "2027-10-31 23:00:00", False),
        ("2027-10-31 00:30:00", "2027-10-31 01:30:00", True),
    ],
)
async def test_the_same_day_is_the_germans_day(
    stage: Stage, redeemed_at: str, reversed_at: str, same_day: bool
) -> None:
    stage.clock.now = utc(redeemed_at)
    voucher = await stage.voucher(stage.zwoenitz)
    done = await stage.redeemed(voucher, 12_50)
    stage.clock.now = utc(reversed_at)
    answer = await stage.reverse(done)
    if same_day:
        assert answer.status_code == 200, answer.text
    else:
        assert (answer.status_code, code_of(answer)) == (409, "reversal.too_late")
        assert await stage.left(voucher) == 37_50
    await stage.audit()


async def test_only_the_merchant_that_redeemed_reverses(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    done = await stage.redeemed(voucher, 12_50)
    neighbour = await new_shop(stage.api, town.id)
    mark = await stage.moved()
    refused = await stage.reverse(done, neighbour)
    assert (refused.status_code, code_of(refused)) == (403, "reversal.other_merchant")
    for shop, answer in (
        (stage.schneeberg.shop, (404, "redemption.unknown")),
        (Shop(town.id, fresh_id(), town.shop.branch_id), (403, "right.missing")),
        (Shop(town.id, town.shop.merchant_id, neighbour.branch_id), (404, "branch.unknown")),
        (Shop(fresh_id(), town.shop.merchant_id, town.shop.branch_id), (403, "right.missing")),
    ):
        refused = await stage.reverse(done, shop)
        assert (refused.status_code, code_of(refused)) == answer
    refused = await stage.reverse(done | {"id": fresh_id()})
    assert (refused.status_code, code_of(refused)) == (404, "redemption.unknown")
    assert await stage.moved() == mark


async def test_another_branch_of_the_merchant_may_reverse(stage: Stage) -> None:
    town = stage.zwoenitz
    path = town.path(f"merchants/{town.shop.merchant_id}/branches")
    branch = await stage.api.made(path, {"name": "Bahnhof"})
    done = await stage.redeemed(await stage.voucher(town), 12_50)
    other = Shop(town.id, town.shop.merchant_id, branch["id"])
    id_ = fresh_id()
    assert (await stage.reverse(done, other, id=id_)).status_code == 200
    changed = await stage.reverse(done, id=id_)
    assert (changed.status_code, code_of(changed)) == (409, "request.conflict")
    await stage.audit()


async def test_a_branch_that_has_closed_may_still_set_its_day_right(stage: Stage) -> None:
    done = await stage.redeemed(await stage.voucher(stage.zwoenitz), 12_50)
    await stage.close_branch(stage.zwoenitz.shop)
    assert (await stage.reverse(done)).status_code == 200


async def test_it_goes_to_the_replacement_of_the_replacement(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done = await stage.redeemed(voucher, 12_50)
    second = await stage.replace(voucher)
    third = await stage.replace(second)
    reversed_ = (await stage.reverse(done)).json()
    assert (reversed_["credited_voucher_id"], reversed_["balance_after_cents"]) == (third.id, 50_00)
    assert [await stage.left(each) for each in (voucher, second, third)] == [0, 0, 50_00]
    await stage.audit()


async def test_a_blocked_voucher_is_credited_and_stays_blocked(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done = await stage.redeemed(voucher, 50_00)
    await stage.block(voucher)
    assert (await stage.reverse(done)).json()["balance_after_cents"] == 50_00
    await stage.refused(await stage.redeem(stage.sold(voucher, 1_00)), "voucher.blocked")
    await stage.audit()


async def test_a_voucher_of_one_piece_is_whole_again(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    done = await stage.redeemed(voucher, 50_00)
    await stage.reverse(done)
    assert (await stage.redeemed(voucher, 50_00))["balance_after_cents"] == 0
    await stage.audit()


async def test_the_id_of_a_reversal_is_that_of_nothing_else(stage: Stage) -> None:
    """A statement lists redemptions and reversals by their ids: no two may share one."""
    voucher, guest = await stage.voucher(stage.zwoenitz), await stage.voucher(stage.schneeberg)
    shop = stage.zwoenitz.shop
    first, second = await stage.redeemed(voucher, 5_00), await stage.redeemed(voucher, 5_00)
    foreign = await stage.redeemed(guest, 5_00, shop)
    reversal = (await stage.reverse(first)).json()
    mark = await stage.moved()
    for taken in (reversal["id"], second["id"], first["id"], foreign["id"]):
        refused = await stage.reverse(second, id=taken)
        assert (refused.status_code, code_of(refused)) == (409, "request.conflict")
    for each in (voucher, guest):
        sold = stage.sold(each, 1_00, shop) | {"id": reversal["id"]}
        refused = await stage.redeem(sold)
        assert (refused.status_code, code_of(refused)) == (409, "redemption.conflict")
    assert await stage.moved() == mark


async def test_one_reversal_id_for_many_redemptions_at_once_reverses_one(stage: Stage) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 6)
    shops = [stage.zwoenitz.shop, stage.schneeberg.shop] * 3
    done = [
        await stage.redeemed(voucher, 10_00, shop)
        for voucher, shop in zip(vouchers, shops, strict=True)
    ]
    id_ = fresh_id()
    answers = await asyncio.gather(*(stage.reverse(each, id=id_) for each in done))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert {code_of(answer) for answer in answers if answer.is_error} == {"request.conflict"}
    await stage.audit()
