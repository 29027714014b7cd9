"""What a town allows without a net: set by its administrator, told to its devices, logged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api_fixtures import code_of, fresh_id
from claim_stage import TERMS, Outage
from stage import Stage

from gutschein.web.rights import Role
from tests.devices.shop_stage import NewPerson, Shop, Till, logged

PATH = "offline-terms"


async def own(till: Till) -> Any:
    response = await till.send("GET", "/api/v1/device")
    assert response.status_code == 200, response.text
    return response.json()["offline"]


async def test_nothing_may_be_taken_until_a_town_says_so(stage: Stage, till: Till) -> None:
    assert await own(till) is None
    listed = await stage.api.get(stage.zwoenitz.path(PATH))
    assert listed.json() == {"terms": []}


async def test_a_device_learns_what_it_may_take(outage: Outage) -> None:
    wanted = {name: TERMS[name] for name in TERMS if name != "enabled"}
    assert await own(outage.till) == wanted
    await outage.set_terms(voucher_cents=5_00)
    assert await own(outage.till) == wanted | {"voucher_cents": 5_00}
    outage.stage.clock.now += timedelta(seconds=1)
    await outage.set_terms(enabled=False)
    assert await own(outage.till) is None


async def test_the_terms_of_the_neighbour_are_its_own(outage: Outage) -> None:
    stage = outage.stage
    listed = await stage.api.get(stage.schneeberg.path(PATH))
    assert listed.json() == {"terms": []}


async def test_all_that_was_ever_allowed_stays_on_record(outage: Outage) -> None:
    stage = outage.stage
    second = await outage.set_terms(bearer="merchant")
    listed = (await stage.api.get(stage.zwoenitz.path(PATH))).json()["terms"]
    assert [each["bearer"] for each in listed] == ["merchant", "town"]
    assert listed[0] == second
    lines = await logged(stage.database, outage.place.town_id)
    assert [line[1:] for line in lines if line[0] == "offline_terms.set"] == [
        *(2 * [("Anna Amtmann", "Annahme ohne Netz")])
    ]


async def test_the_same_terms_again_change_nothing(outage: Outage) -> None:
    stage = outage.stage
    again = await stage.api.post(stage.zwoenitz.path(PATH), TERMS)
    assert again.status_code == 200
    listed = (await stage.api.get(stage.zwoenitz.path(PATH))).json()["terms"]
    assert listed == [again.json()]


async def test_two_terms_never_begin_at_one_instant(outage: Outage) -> None:
    stage = outage.stage
    await outage.set_terms(voucher_cents=1_00)
    other = await stage.api.post(stage.zwoenitz.path(PATH), TERMS)
    assert code_of(other) == "request.conflict"


async def test_terms_are_within_bounds(outage: Outage) -> None:
    stage = outage.stage
    for changes in (
        {"voucher_cents": 0},
        {"voucher_cents": 50_01},
        {"device_cents": 100_000_01},
        {"outage_minutes": 0},
        {"outage_minutes": 1_441},
        {"bearer": "citizen"},
        {"enabled": 1},
    ):
        response = await stage.api.post(stage.zwoenitz.path(PATH), TERMS | changes)
        assert code_of(response) in {"request.invalid", "amount.invalid"}, changes


async def test_an_unknown_town_has_no_terms(stage: Stage) -> None:
    for response in (
        await stage.api.get(f"/api/v1/towns/{fresh_id()}/{PATH}"),
        await stage.api.post(f"/api/v1/towns/{fresh_id()}/{PATH}", TERMS),
    ):
        assert code_of(response) == "right.missing"


async def test_only_an_administrator_sets_them(
    stage: Stage, new_person: NewPerson, place: Shop
) -> None:
    for role in (Role.APPROVER, Role.CLERK, Role.AUDITOR, Role.OWNER):
        somebody = await new_person(role, place)
        response = await somebody.api.post(stage.zwoenitz.path(PATH), TERMS)
        assert code_of(response) == "right.missing"
        listed = await somebody.api.get(stage.zwoenitz.path(PATH))
        assert listed.status_code == (403 if role is Role.OWNER else 200)
