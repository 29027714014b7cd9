"""A claim becomes a redemption once, or is disputed for ever; nothing is overdrawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from api_fixtures import code_of, fresh_id
from claim_stage import CLAIMS, Outage, at
from pin_stage import pinned
from stage import new_shop

from gutschein.kernel.clock import end_of_day
from tests.devices.shop_stage import Person, Shop, Till, new_code

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def test_a_claim_becomes_a_redemption_under_its_id(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    claim = outage.claim(voucher, 12_50)
    done = await outage.accepted(claim)
    redemption = done["redemption"]
    assert redemption["id"] == done["id"] == claim["id"]
    assert (redemption["amount_cents"], redemption["balance_after_cents"]) == (12_50, 37_50)
    assert redemption["redeemed_at"] == at(stage.clock.now)
    assert done["bearer"] is None
    assert await stage.left(voucher) == 37_50
    found = await stage.api.get(stage.zwoenitz.path(f"redemptions/{claim['id']}"))
    assert found.json() == redemption
    await stage.audit()


async def test_it_gets_the_same_answer_for_ever(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    claim = outage.claim(voucher)
    done = await outage.accepted(claim)
    moved = await stage.moved()
    for later in (MINUTE, 30 * HOUR, 24 * 40 * HOUR):
        stage.clock.now += later
        assert await outage.sent(claim) == done
    assert await stage.moved() == moved
    await outage.set_terms(enabled=False)
    await stage.block(voucher)
    assert await outage.sent(claim) == done


async def test_a_dispute_gets_the_same_answer_for_ever(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 15_00)
    spent = await stage.redeemed(voucher, 10_00)
    claim = outage.claim(voucher, 10_00)
    done = await outage.disputed(claim, "voucher.insufficient")
    assert "5,00" in done["message"]
    assert (await stage.reverse(spent)).status_code == 200  # now there would be enough
    assert await outage.sent(claim) == done
    english = await outage.sent(claim, "en")
    assert english["message"] != done["message"]
    assert "5.00" in english["message"]
    await stage.audit()


async def test_an_id_stands_for_one_claim(outage: Outage) -> None:
    stage = outage.stage
    voucher, other = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    claim = outage.claim(voucher)
    await outage.accepted(claim)
    for changes in (
        {"amount_cents": 9_99},
        {"claimed_at": "2026-12-05T08:31:00Z"},
        {"outage_began_at": "2026-12-05T08:01:00Z"},
        other.shown,
    ):
        await outage.refused(claim | changes, "redemption.conflict")


async def test_a_disputed_id_stands_for_one_claim_too(outage: Outage) -> None:
    voucher = await outage.stage.voucher(outage.stage.zwoenitz)
    claim = outage.claim(voucher, 20_01)
    await outage.disputed(claim, "offline.voucher_limit")
    await outage.refused(claim | {"amount_cents": 10_00}, "redemption.conflict")


async def test_a_redemption_whose_answer_was_lost_is_the_claim_of_its_id(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    claim = outage.claim(voucher)
    online = {name: claim[name] for name in claim if not name.endswith("_at")}
    redeemed = await outage.till.send("POST", "/api/v1/redemptions", online)
    assert redeemed.status_code == 200
    await outage.set_terms(enabled=False)
    done = await outage.accepted(claim)
    assert done["redemption"] == redeemed.json()
    assert await stage.left(voucher) == 40_00
    await stage.audit()


async def test_the_id_of_another_redemption_is_no_claim(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    done = await stage.redeemed(voucher, 3_00)
    await outage.refused(outage.claim(voucher, id=done["id"]), "redemption.conflict")


async def test_the_same_claim_twice_at_once_is_booked_once(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    claim = outage.claim(voucher)
    answers = await asyncio.gather(*(outage.send(claim) for _ in range(8)))
    for answer in answers:
        if answer.status_code == 503:
            assert code_of(answer) == "service.busy"
        else:
            assert answer.json()["outcome"] == "accepted"
    assert any(answer.status_code == 200 for answer in answers)
    await outage.accepted(claim)
    assert await stage.left(voucher) == 40_00
    await stage.audit()


async def test_what_was_spent_elsewhere_meanwhile_is_disputed(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 15_00)
    await stage.redeemed(voucher, 15_00, stage.schneeberg.shop)
    done = await outage.disputed(outage.claim(voucher), "voucher.empty")
    assert done["bearer"] == "town"
    assert await stage.left(voucher) == 0
    await stage.audit()


async def test_a_claim_and_an_online_sale_at_once_never_overdraw(outage: Outage) -> None:
    stage = outage.stage
    for voucher in await stage.vouchers(stage.zwoenitz, 10_00, 5):
        claim = outage.claim(voucher)
        done, sold = await asyncio.gather(
            outage.sent(claim), stage.redeem(stage.sold(voucher, 10_00))
        )
        assert (done["outcome"] == "accepted") != (sold.status_code == 200)
        assert await stage.left(voucher) == 0
    await stage.audit()


async def test_several_claims_for_one_voucher_take_what_there_is(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 15_00)
    await outage.accepted(outage.claim(voucher, 8_00))
    await outage.disputed(outage.claim(voucher, 8_00), "voucher.insufficient")
    await outage.accepted(outage.claim(voucher, 7_00))
    assert await stage.left(voucher) == 0
    await stage.audit()


async def test_one_voucher_gives_so_much_in_one_outage(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 100_00)
    await outage.accepted(outage.claim(voucher, 15_00))
    done = await outage.disputed(outage.claim(voucher, 5_01), "offline.voucher_limit")
    assert done["bearer"] == "merchant"
    await outage.accepted(outage.claim(voucher, 5_00))
    began = at(stage.clock.now - 50 * MINUTE)  # the next outage
    await outage.accepted(outage.claim(voucher, 20_00, outage_began_at=began))


async def test_one_device_takes_so_much_in_one_outage(
    outage: Outage, new_till: Callable[..., Till], keeper: Person, place: Shop
) -> None:
    stage = outage.stage
    vouchers = await stage.vouchers(stage.zwoenitz, 20_00, 4)
    for voucher in vouchers[:2]:
        await outage.accepted(outage.claim(voucher, 20_00))
    await outage.disputed(outage.claim(vouchers[2], 10_01), "offline.device_limit")
    await outage.accepted(outage.claim(vouchers[2], 10_00))
    other = new_till()
    assert (await other.pair(await new_code(keeper, place, "Kasse 2"))).status_code == 201
    await Outage(stage, other, place).accepted(outage.claim(vouchers[3], 20_00))


async def test_claims_at_once_stay_within_the_limits(outage: Outage) -> None:
    stage = outage.stage
    vouchers = await stage.vouchers(stage.zwoenitz, 20_00, 5)
    done = await asyncio.gather(*(outage.sent(outage.claim(each, 20_00)) for each in vouchers))
    assert sorted(each["outcome"] for each in done) == 2 * ["accepted"] + 3 * ["disputed"]
    await stage.audit()


async def test_a_claim_lies_within_its_outage(outage: Outage) -> None:
    stage = outage.stage
    stage.clock.now += 3 * HOUR
    now = stage.clock.now
    for claimed, began, reason in (
        (0 * MINUTE, 240 * MINUTE, None),
        (0 * MINUTE, 241 * MINUTE, "offline.too_late"),
        (62 * MINUTE, 60 * MINUTE, "offline.too_late"),
        (-MINUTE, 60 * MINUTE, None),
        (-2 * MINUTE, 60 * MINUTE, "offline.too_late"),
    ):
        voucher = await stage.voucher(stage.zwoenitz)
        claim = outage.claim(voucher, claimed_at=at(now - claimed), outage_began_at=at(now - began))
        if reason is None:
            await outage.accepted(claim)
        else:
            assert (await outage.disputed(claim, reason))["bearer"] == "merchant"


async def test_it_may_arrive_much_later(outage: Outage) -> None:
    voucher = await outage.stage.voucher(outage.stage.zwoenitz)
    claim = outage.claim(voucher)
    outage.stage.clock.now += 24 * 9 * HOUR
    await outage.accepted(claim)


async def test_the_terms_of_when_the_outage_began_hold(outage: Outage) -> None:
    stage = outage.stage
    stage.clock.now -= 10 * MINUTE
    await outage.set_terms(enabled=False)
    stage.clock.now += 10 * MINUTE
    voucher = await stage.voucher(stage.zwoenitz)
    await outage.accepted(outage.claim(voucher))
    began = at(stage.clock.now - 5 * MINUTE)
    later = outage.claim(voucher, outage_began_at=began, claimed_at=began)
    await outage.disputed(later, "offline.off")


async def test_without_terms_nothing_is_taken(outage: Outage) -> None:
    voucher = await outage.stage.voucher(outage.stage.zwoenitz)
    began = at(outage.stage.clock.now - 3 * HOUR)  # before the first terms
    claim = outage.claim(voucher, outage_began_at=began, claimed_at=began)
    done = await outage.disputed(claim, "offline.off")
    assert done["bearer"] == "merchant"


async def test_it_is_valid_if_it_was_on_the_day_it_was_taken(outage: Outage) -> None:
    stage = outage.stage
    taken, left = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    paper = await stage.api.get(stage.zwoenitz.path(f"vouchers/{taken.id}"))
    midnight = end_of_day(date.fromisoformat(paper.json()["valid_until"]))
    stage.clock.now = midnight
    claims = [outage.claim(each) for each in (taken, left)]
    stage.clock.now = midnight + HOUR
    assert code_of(await stage.redeem(stage.sold(taken, 10_00))) == "voucher.expired"
    await outage.accepted(claims[0])
    today = outage.claim(taken, claimed_at=at(midnight), outage_began_at=at(midnight - HOUR))
    await outage.disputed(today, "voucher.expired")
    assert await stage.expire(stage.zwoenitz) == 2  # whose rest is in the town's books now
    done = await outage.disputed(claims[1], "voucher.expired")
    assert done["bearer"] == "town"
    await stage.audit()


async def test_what_is_blocked_or_replaced_meanwhile_is_disputed(outage: Outage) -> None:
    stage = outage.stage
    blocked, replaced = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    await stage.block(blocked)
    await stage.replace(replaced)
    await outage.disputed(outage.claim(blocked), "voucher.blocked")
    await outage.disputed(outage.claim(replaced), "voucher.replaced")


async def test_what_a_till_can_see_by_itself_is_the_shops_own_loss(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz)
    prefix, _, token = voucher.token.rpartition("/")
    forged = token[:100] + ("A" if token[100] != "A" else "B") + token[101:]
    unknown = token[:13] + ("C" if token[13] != "C" else "D") + token[14:]
    for bad, reason in (
        (forged, "token.signature"),
        (unknown, "token.key_unknown"),
        ("HELLO", "token.unreadable"),
    ):
        claim = outage.claim(voucher, token=f"{prefix}/{bad}")
        done = await outage.disputed(claim, reason)
        assert done["bearer"] == "merchant"
    await stage.audit()


async def test_a_partner_towns_voucher_is_taken_as_long_as_it_is_honoured(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.schneeberg, 50_00)
    done = await outage.accepted(outage.claim(voucher))
    assert done["redemption"]["issuing_town_id"] == stage.schneeberg.id
    end = stage.schneeberg.path(f"acceptances/{stage.zwoenitz.id}/end")
    ended = await stage.api.post(end, {"valid_until": str(stage.clock.now.date())})
    assert ended.status_code == 200
    claim = outage.claim(voucher)
    stage.clock.now += 24 * HOUR
    await outage.disputed(claim, "merchant.not_accepted")
    await stage.audit()


async def test_a_device_claims_for_its_own_branch(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz)
    other = await new_shop(stage.api, stage.zwoenitz.id)
    for shop in (other, stage.schneeberg.shop):
        await outage.refused(outage.claim(voucher) | shop.fields, "right.missing")


async def test_a_cash_register_claims_nothing(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz)
    key = {"authorization": f"Bearer {await key_of(outage)}"}
    response = await stage.api.client.post(CLAIMS, json=outage.claim(voucher), headers=key)
    assert code_of(response) == "right.missing"


async def key_of(outage: Outage) -> str:
    """The API key of the same shop."""
    shop = outage.stage.zwoenitz.shop
    auth: Any = outage.stage.api.client.auth
    return str(await auth.key_of((UUID(shop.town_id), UUID(shop.merchant_id))))


async def test_a_locked_device_claims_nothing(outage: Outage, keeper: Person) -> None:
    stage, place = outage.stage, outage.place
    voucher = await stage.voucher(stage.zwoenitz)
    claim = outage.claim(voucher)
    lock = place.path(f"devices/{outage.till.id}/lock")
    assert (await keeper.api.post(lock, {"reason": "Gestohlen"})).status_code == 200
    await outage.refused(claim, "device.locked")
    release = place.path(f"devices/{outage.till.id}/release")
    assert (await keeper.api.post(release)).status_code == 200
    await outage.accepted(claim)


async def test_what_is_malformed_is_not_kept(outage: Outage) -> None:
    voucher = await outage.stage.voucher(outage.stage.zwoenitz)
    for changes in (
        {"id": "6a1ed2d4-5f3b-4c0e-9a53-0f1d2c3b4a59"},
        {"amount_cents": 0},
        {"amount_cents": "10"},
        {"claimed_at": "2026-12-05T08:30:00"},
        {"code": "86E2-YFW4-P2B4-Y7JW-V"},
        {"token": "A" * 513},
    ):
        code = "amount.invalid" if "amount_cents" in changes else "request.invalid"
        await outage.refused(outage.claim(voucher) | changes, code)


async def test_it_may_be_reversed_on_the_day_it_arrived(outage: Outage) -> None:
    stage = outage.stage
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    claim = outage.claim(voucher)
    await outage.accepted(claim)
    body = {"id": fresh_id()} | outage.place.names()
    path = f"/api/v1/redemptions/{claim['id']}/reversal"
    assert (await outage.till.send("POST", path, body)).status_code == 200
    assert await stage.left(voucher) == 50_00
    await outage.accepted(claim)
    assert await stage.left(voucher) == 50_00
    await stage.audit()


async def test_the_devices_of_the_branch_see_what_became_of_each(
    outage: Outage, new_till: Callable[..., Till], keeper: Person, place: Shop
) -> None:
    stage = outage.stage
    good, empty = await stage.vouchers(stage.zwoenitz, 15_00, 2)
    await stage.redeemed(empty, 15_00)
    first, second = outage.claim(good), outage.claim(empty)
    second["claimed_at"] = at(stage.clock.now - 20 * MINUTE)
    await outage.accepted(first)
    done = await outage.disputed(second, "voucher.empty")
    listed = await outage.list()
    assert [each["id"] for each in listed] == [second["id"], first["id"]]
    assert [each["outcome"] for each in listed] == ["disputed", "accepted"]
    assert (listed[0]["message"], listed[0]["bearer"]) == (done["message"], "town")
    assert (listed[0]["device_name"], listed[0]["own"]) == ("Kasse 1", True)
    assert listed[1]["issuing_town_name"] == "Zwönitz"
    assert await outage.list("?day=2026-12-04") == []
    other = new_till()
    assert (await other.pair(await new_code(keeper, place, "Kasse 2"))).status_code == 201
    seen = await Outage(stage, other, place).list()
    assert [each["own"] for each in seen] == [False, False]
    later = await outage.till.send("GET", "/api/v1/device/claims?day=2026-12-06")
    assert code_of(later) == "request.invalid"


async def test_it_is_kept_with_who_stood_there_then(
    outage: Outage, keeper: Person, place: Shop
) -> None:
    stage = outage.stage
    cashier = await keeper.api.made(place.path("cashiers"), {"name": "Petra M.", "pin": "7391"})
    stage.clock.now -= 40 * MINUTE
    sign_on = {"cashier_id": cashier["id"], "pin": "7391"}
    assert (await outage.till.send("POST", "/api/v1/device/cashier", sign_on)).status_code == 200
    stage.clock.now += 20 * MINUTE
    assert (await outage.till.send("POST", "/api/v1/device/cashier/end")).status_code == 200
    stage.clock.now += 20 * MINUTE
    voucher = await stage.voucher(stage.zwoenitz)
    await outage.accepted(outage.claim(voucher))
    late = outage.claim(voucher, claimed_at=at(stage.clock.now))
    await outage.accepted(late)
    assert [each["cashier_name"] for each in await outage.list()] == [None, "Petra M."]


async def test_a_voucher_with_a_pin_is_never_taken_without_the_net(outage: Outage) -> None:
    """Nobody could check the PIN. The device saw it, where its status list was fresh."""
    voucher = await pinned(outage.stage)
    done = await outage.disputed(outage.claim(voucher.paper, 10_00), "voucher.pin_online")
    assert done["bearer"] == "town"
    assert "PIN" in done["message"]
