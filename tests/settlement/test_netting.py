"""What towns owe one another becomes the fewest payments, and both books always agree."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api_fixtures import code_of, fresh_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stage import Stage, Town, agree, new_stage, new_town

from gutschein.kernel.ids import NettingId, RegionId
from gutschein.settlement.netting import net_region


class Region:
    """Towns that honour one another's vouchers, and a voucher of each to owe with."""

    def __init__(self, stage: Stage, towns: list[Town]) -> None:
        self.stage = stage
        self.towns = towns
        self.region_id = towns[0].region_id
        self._vouchers: dict[str, Any] = {}

    async def owe(self, issuer: Town, shop_town: Town, cents: int) -> None:
        """Let a voucher of one town be spent in another, so that the first owes the second."""
        if issuer.id not in self._vouchers:
            self._vouchers[issuer.id] = await self.stage.voucher(issuer, 1_000_00)
        await self.stage.redeemed(self._vouchers[issuer.id], cents, shop_town.shop)

    async def net(self, **changes: Any) -> Any:
        path = f"/api/v1/regions/{self.region_id}/nettings"
        return await self.stage.api.post(path, {"id": fresh_id()} | changes)

    async def pay(self, netting: dict[str, Any], payment: dict[str, Any]) -> Any:
        path = f"/api/v1/regions/{self.region_id}/nettings/{netting['id']}"
        return await self.stage.api.post(f"{path}/payments/{payment['id']}/confirmation")

    async def claims(self) -> dict[tuple[str, str], int]:
        """What each town owes each by its own book; both books say the same."""
        owed = {
            (one.name, other.name): await self.stage.balance(one, "clearing", other.id)
            for one in self.towns
            for other in self.towns
            if one is not other
        }
        assert all(owed[other, one] == -cents for (one, other), cents in owed.items())
        return {pair: cents for pair, cents in owed.items() if cents > 0}

    async def audit(self) -> None:
        await self.stage.audit(*self.towns[2:])


async def region_of(stage: Stage, *names: str) -> Region:
    towns = [stage.zwoenitz, stage.schneeberg]
    for name in names:
        new = await new_town(stage.api, stage.zwoenitz.region_id, name)
        for town in towns:
            await agree(stage.api, town, new)
            await agree(stage.api, new, town)
        towns.append(new)
    return Region(stage, towns)


def named(region: Region, payments: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    names = {town.id: town.name for town in region.towns}
    return {
        (names[each["payer_town_id"]], names[each["payee_town_id"]], each["amount_cents"])
        for each in payments
    }


async def test_a_circle_of_debts_is_one_payment_and_then_nothing(stage: Stage) -> None:
    region = await region_of(stage, "Marienberg")
    zwoenitz, schneeberg, marienberg = region.towns
    await region.owe(zwoenitz, schneeberg, 10_00)
    await region.owe(schneeberg, marienberg, 10_00)
    await region.owe(marienberg, zwoenitz, 4_00)
    answer = await region.net()
    assert answer.status_code == 201, answer.text
    netting = answer.json()
    positions = {each["town_id"]: each["position_cents"] for each in netting["positions"]}
    assert positions == {zwoenitz.id: -6_00, schneeberg.id: 0, marienberg.id: 6_00}
    assert named(region, netting["payments"]) == {("Zwönitz", "Marienberg", 6_00)}
    [payment] = netting["payments"]
    ending = netting["id"][-4:]
    assert payment["reference"] == f"VR-20261205-{zwoenitz.ags}-{marienberg.ags}-{ending}"
    assert len(payment["reference"]) <= 35
    assert payment["paid_at"] is None
    assert await region.claims() == {("Zwönitz", "Marienberg"): 6_00}
    await region.audit()

    paid = await region.pay(netting, payment)
    assert paid.status_code == 200
    assert paid.json()["payments"][0]["paid_at"] == "2026-12-05T09:00:00Z"
    assert await region.claims() == {}
    assert await stage.balance(zwoenitz, "trust_bank") == -1_000_00 + 6_00
    assert await stage.balance(marienberg, "trust_bank") == -1_000_00 - 6_00
    nothing = await region.net()
    assert (nothing.status_code, code_of(nothing)) == (409, "netting.nothing")
    await region.audit()


async def test_towns_that_owe_each_other_the_same_pay_nothing(stage: Stage) -> None:
    region = await region_of(stage)
    one, other = region.towns
    await region.owe(one, other, 10_00)
    await region.owe(other, one, 10_00)
    assert code_of(await region.net()) == "netting.nothing"
    assert await region.claims() == {}


async def test_a_whole_circle_is_netted_without_a_payment(stage: Stage) -> None:
    region = await region_of(stage, "Marienberg")
    one, two, three = region.towns
    for issuer, shop_town in ((one, two), (two, three), (three, one)):
        await region.owe(issuer, shop_town, 7_00)
    netting = (await region.net()).json()
    assert netting["payments"] == []
    assert {each["position_cents"] for each in netting["positions"]} == {0}
    assert await region.claims() == {}
    await region.audit()


async def test_towns_pay_each_other_that_have_no_agreement(stage: Stage) -> None:
    """Zwönitz owes Schneeberg, Schneeberg owes Marienberg, Marienberg knows only Schneeberg."""
    marienberg = await new_town(stage.api, stage.zwoenitz.region_id, "Marienberg")
    await agree(stage.api, stage.schneeberg, marienberg)
    region = Region(stage, [stage.zwoenitz, stage.schneeberg, marienberg])
    await region.owe(stage.zwoenitz, stage.schneeberg, 8_00)
    await region.owe(stage.schneeberg, marienberg, 8_00)
    netting = (await region.net()).json()
    assert named(region, netting["payments"]) == {("Zwönitz", "Marienberg", 8_00)}
    assert await region.claims() == {("Zwönitz", "Marienberg"): 8_00}
    assert (await region.pay(netting, netting["payments"][0])).status_code == 200
    assert await region.claims() == {}
    await region.audit()


async def test_what_an_earlier_netting_asks_for_is_left_alone(stage: Stage) -> None:
    region = await region_of(stage, "Marienberg")
    one, two, three = region.towns
    await region.owe(one, two, 10_00)
    first = (await region.net()).json()
    assert code_of(await region.net()) == "netting.nothing"
    await region.owe(one, two, 5_00)
    await region.owe(three, one, 2_00)
    second = (await region.net()).json()
    assert named(region, second["payments"]) == {
        ("Zwönitz", "Schneeberg", 3_00),
        ("Marienberg", "Schneeberg", 2_00),
    }
    assert await region.claims() == {
        ("Zwönitz", "Schneeberg"): 13_00,
        ("Marienberg", "Schneeberg"): 2_00,
    }
    await region.audit()
    for netting in (second, first):
        for payment in netting["payments"]:
            assert (await region.pay(netting, payment)).status_code == 200
            await region.audit()
    assert await region.claims() == {}


async def test_a_payment_is_booked_once(stage: Stage) -> None:
    region = await region_of(stage)
    await region.owe(*region.towns, 10_00)
    netting = (await region.net()).json()
    [payment] = netting["payments"]
    answers = await asyncio.gather(*(region.pay(netting, payment) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert await stage.balance(stage.zwoenitz, "trust_bank") == -1_000_00 + 10_00
    await region.audit()


async def test_the_same_netting_again_finds_it_and_two_at_once_are_one(stage: Stage) -> None:
    region = await region_of(stage)
    await region.owe(*region.towns, 10_00)
    id_ = fresh_id()
    answers = await asyncio.gather(
        *(region.net(id=id_) for _ in range(6)), *(region.net() for _ in range(6))
    )
    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    assert {answer.text for answer in answers if answer.is_success} == {made[0].text}
    assert {code_of(each) for each in answers if each.is_error} == {"netting.nothing"}
    found = await stage.api.get(made[0].headers["location"])
    assert found.text == made[0].text
    assert await region.claims() == {("Zwönitz", "Schneeberg"): 10_00}
    await region.audit()


async def test_one_id_for_two_regions_is_refused(stage: Stage) -> None:
    region = await region_of(stage)
    other_stage = await new_stage(stage.api, stage.app, stage.clock, stage.database_url)
    other = await region_of(other_stage)
    for each in (region, other):
        await each.owe(*each.towns, 10_00)
    id_ = fresh_id()
    answers = await asyncio.gather(region.net(id=id_), other.net(id=id_))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert {code_of(each) for each in answers if each.is_error} == {"request.conflict"}
    netted = region if answers[0].is_success else other
    stranger = other if netted is region else region
    payment = next(answer.json() for answer in answers if answer.is_success)["payments"][0]
    for path in (
        f"/api/v1/regions/{stranger.region_id}/nettings/{id_}",
        f"/api/v1/regions/{netted.region_id}/nettings/{fresh_id()}",
    ):
        for answer in (
            await stage.api.get(path),
            await stage.api.post(f"{path}/payments/{payment['id']}/confirmation"),
        ):
            assert (answer.status_code, code_of(answer)) == (404, "netting.unknown")
    path = f"/api/v1/regions/{netted.region_id}/nettings/{id_}"
    unknown = await stage.api.post(f"{path}/payments/{fresh_id()}/confirmation")
    assert (unknown.status_code, code_of(unknown)) == (404, "netting.unknown")
    nowhere = await stage.api.post(f"/api/v1/regions/{fresh_id()}/nettings", {})
    assert (nowhere.status_code, code_of(nowhere)) == (403, "right.missing")
    await region.audit()
    await other.audit()


async def test_redemptions_and_payments_go_on_while_netting(stage: Stage) -> None:
    region = await region_of(stage, "Marienberg")
    one, two, three = region.towns
    for pair in ((one, two), (two, three), (three, one)):
        await region.owe(*pair, 5_00)
    pairs = [(one, two), (two, one), (two, three), (three, one), (one, three)]

    async def spending() -> None:
        for turn in range(20):
            await region.owe(*pairs[turn % len(pairs)], 1_00 + turn)

    async def netting() -> None:
        for _ in range(6):
            answer = await region.net()
            if answer.is_success:
                for payment in answer.json()["payments"][::2]:
                    await region.pay(answer.json(), payment)

    await asyncio.gather(spending(), spending(), netting(), netting())
    await region.claims()
    await region.net()
    await region.audit()


async def test_a_payment_booked_between_reading_and_netting_is_not_asked_for_again(
    stage: Stage,
) -> None:
    """The netting has begun when the payment of the one before is booked."""
    region = await region_of(stage, "Marienberg")
    one, two, three = region.towns
    await region.owe(one, two, 10_00)
    first = (await region.net()).json()
    await region.owe(three, two, 4_00)
    async with stage.database.unit_of_work() as work:
        region_id, netting_id = RegionId(UUID(region.region_id)), NettingId(UUID(fresh_id()))
        assert await net_region(work, region_id, netting_id, stage.clock.now)
        assert (await region.pay(first, first["payments"][0])).status_code == 200
    assert await region.claims() == {("Marienberg", "Schneeberg"): 4_00}
    await region.audit()


async def test_the_reference_names_the_germans_day(stage: Stage) -> None:
    region = await region_of(stage)
    await region.owe(*region.towns, 10_00)
    stage.clock.now = datetime(2026, 12, 5, 23, 30, tzinfo=UTC)
    [payment] = (await region.net()).json()["payments"]
    assert payment["reference"].startswith("VR-20261206-")


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    debts=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 50_00)).filter(
            lambda debt: debt[0] != debt[1]
        ),
        min_size=1,
        max_size=8,
    ),
    split=st.integers(0, 8),
)
async def test_nettings_settle_whatever_was_owed(
    stage: Stage, debts: list[tuple[int, int, int]], split: int
) -> None:
    stage = await new_stage(stage.api, stage.app, stage.clock, stage.database_url)
    region = await region_of(stage, "Marienberg", "Zschopau")
    owed = dict.fromkeys(range(4), 0)
    nettings = []
    for part in (debts[:split], debts[split:]):
        for issuer, shop_town, cents in part:
            await region.owe(region.towns[issuer], region.towns[shop_town], cents)
            owed[issuer] += cents
            owed[shop_town] -= cents
        answer = await region.net()
        if answer.is_success:
            nettings.append(answer.json())
    names = {town.id: place for place, town in enumerate(region.towns)}
    for netting in nettings:
        for payment in netting["payments"]:
            assert (await region.pay(netting, payment)).status_code == 200
            owed[names[payment["payer_town_id"]]] -= payment["amount_cents"]
            owed[names[payment["payee_town_id"]]] += payment["amount_cents"]
    assert set(owed.values()) == {0}
    assert await region.claims() == {}
    await region.audit()
