from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from api_fixtures import IBAN, Api, Clock, code_of, fresh_id, town_input
from asyncpg import Connection
from sqlalchemy import text

from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import TownId
from gutschein.ledger.chart import TOWN_KINDS


async def acceptances_of(api: Api, town: dict[str, Any]) -> list[dict[str, Any]]:
    return (await api.get(f"/api/v1/towns/{town['id']}/acceptances")).json()["acceptances"]


async def agree(api: Api, town: dict[str, Any], partner: dict[str, Any], **period: str) -> Any:
    body = {"accepting_town_id": partner["id"], **period}
    return await api.post(f"/api/v1/towns/{town['id']}/acceptances", body)


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Connection]:
    """The owner of the tables, past the service and its rights."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def neighbours(api: Api) -> tuple[dict[str, Any], dict[str, Any]]:
    region = await api.new_region()
    return await api.new_town(region["id"]), await api.new_town(region["id"])


async def test_a_region_is_made_and_found(api: Api) -> None:
    region = await api.new_region(name="Südbrandenburg")
    assert region["created_at"] == "2026-12-05T09:00:00Z"
    assert (await api.get(f"/api/v1/regions/{region['id']}")).json() == region
    assert region in (await api.get("/api/v1/regions")).json()["regions"]


async def test_a_town_is_made_with_its_accounts_and_keys(api: Api, database: Database) -> None:
    town = await api.new_town(trust_iban="de89 3704 0044 0532 0130 00")
    assert town["trust_iban"] == IBAN
    assert (await api.get(f"/api/v1/towns/{town['id']}")).json() == town
    async with database.reading() as work:
        kinds = await work.scalars(
            text("SELECT kind FROM ledger_account WHERE town_id = :id"), {"id": town["id"]}
        )
        assert sorted(kinds) == sorted(TOWN_KINDS)
        keys = await work.scalars(
            text("SELECT count(*) FROM signing_key WHERE town_id = :id"), {"id": town["id"]}
        )
        assert keys.one() == 1


async def test_towns_are_listed_by_region_and_name(api: Api) -> None:
    region = await api.new_region()
    for name in ("Zwönitz", "Annaberg-Buchholz"):
        await api.new_town(region["id"], name=name)
    await api.new_town()
    listed = (await api.get(f"/api/v1/towns?region_id={region['id']}")).json()["towns"]
    assert [town["name"] for town in listed] == ["Annaberg-Buchholz", "Zwönitz"]
    assert not [name for town in listed for name in town if name.startswith("trust_")]


async def test_a_trust_account_that_was_changed_past_the_service_is_told(
    api: Api, owner: Connection
) -> None:
    """A town's account in the place of another town's: nothing is paid from either by mistake."""
    town, other = await api.new_town(), await api.new_town()
    await owner.execute(
        "UPDATE town SET sealed_trust_iban = other.sealed_trust_iban FROM town AS other"
        " WHERE town.id = $1 AND other.id = $2",
        town["id"],
        other["id"],
    )
    response = await api.get(f"/api/v1/towns/{town['id']}")
    assert (response.status_code, code_of(response)) == (500, "bank_data.altered")
    assert IBAN not in response.text
    assert (await api.get(f"/api/v1/towns/{other['id']}")).json() == other
    listed = (await api.get(f"/api/v1/towns?region_id={town['region_id']}")).json()["towns"]
    assert [each["id"] for each in listed] == [town["id"]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ags": "1452102"}, "town.ags_invalid"),
        ({"ags": "99521020"}, "town.ags_invalid"),
        ({"trust_iban": "DE89370400440532013001"}, "iban.invalid"),
        ({"trust_iban": "US64SVBKUS6S3300958879"}, "iban.invalid"),
        ({"trust_account_holder": "喫茶"}, "sepa_text.empty"),
        ({"brand_colour": "blue"}, "request.invalid"),
        ({"minimum_payout_cents": -1}, "amount.invalid"),
    ],
)
async def test_a_town_that_could_not_work_is_refused(
    api: Api, changes: dict[str, Any], code: str
) -> None:
    region = await api.new_region()
    response = await api.post(f"/api/v1/regions/{region['id']}/towns", town_input() | changes)
    assert (response.status_code, code_of(response)) == (422, code)
    assert (await api.get(f"/api/v1/towns?region_id={region['id']}")).json() == {"towns": []}


async def test_a_municipality_is_in_a_region_once(api: Api) -> None:
    region = await api.new_region()
    bodies = [town_input() | {"ags": "14521020"} for _ in range(4)]
    path = f"/api/v1/regions/{region['id']}/towns"
    answers = await asyncio.gather(*(api.post(path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {code_of(a) for a in answers if a.status_code == 409} == {"town.ags_taken"}
    await api.new_town(ags="14521020")  # and in another region again


async def test_an_id_is_one_town_in_all_regions(api: Api) -> None:
    town = await api.new_town(id=fresh_id())
    elsewhere = await api.new_region()
    body = town_input() | {"id": town["id"], "ags": town["ags"]}
    response = await api.post(f"/api/v1/regions/{elsewhere['id']}/towns", body)
    assert (response.status_code, code_of(response)) == (409, "request.conflict")


async def test_a_vat_rate_begins_on_a_day_once(api: Api, database: Database) -> None:
    from datetime import date

    from gutschein.towns.repository import vat_basis_points_on

    town = await api.new_town()
    path = f"/api/v1/towns/{town['id']}/vat-rates"
    nineteen = {"valid_from": "2027-01-01", "basis_points": 1_900}
    assert [(await api.post(path, nineteen)).status_code for _ in range(2)] == [201, 200]
    other = await api.post(path, nineteen | {"basis_points": 700})
    assert (other.status_code, code_of(other)) == (409, "request.conflict")
    await api.made(path, {"valid_from": "2028-07-01", "basis_points": 1_600})
    listed = (await api.get(path)).json()["vat_rates"]
    assert [rate["basis_points"] for rate in listed] == [1_900, 1_600]
    async with database.reading() as work:
        for day, basis_points in (
            (date(2026, 12, 31), 0),
            (date(2027, 1, 1), 1_900),
            (date(2028, 6, 30), 1_900),
            (date(2028, 7, 1), 1_600),
        ):
            assert await vat_basis_points_on(work, TownId(town["id"]), day) == basis_points


@pytest.mark.parametrize("basis_points", [-1, 10_001, 19.0, "1900"])
async def test_a_vat_rate_is_a_share_of_the_whole(api: Api, basis_points: object) -> None:
    town = await api.new_town()
    body = {"valid_from": "2027-01-01", "basis_points": basis_points}
    response = await api.post(f"/api/v1/towns/{town['id']}/vat-rates", body)
    assert (response.status_code, code_of(response)) == (422, "request.invalid")


async def test_an_acceptance_opens_what_the_towns_owe_one_another(
    api: Api, neighbours: tuple[dict[str, Any], dict[str, Any]], database: Database
) -> None:
    issuer, partner = neighbours
    response = await agree(api, issuer, partner, valid_from="2026-12-01")
    assert response.status_code == 201
    assert response.json()["valid_until"] is None
    assert await acceptances_of(api, issuer) == [response.json()]
    assert await acceptances_of(api, partner) == []  # one way only
    async with database.reading() as work:
        opened = await work.execute(
            text(
                "SELECT town_id::text, owner_id::text FROM ledger_account"
                " WHERE kind = 'clearing' AND town_id IN (:issuer, :partner)"
            ),
            {"issuer": issuer["id"], "partner": partner["id"]},
        )
        pairs = {(row.town_id, row.owner_id) for row in opened}
    assert pairs == {(issuer["id"], partner["id"]), (partner["id"], issuer["id"])}


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ({"valid_from": "2026-06-30", "valid_until": "2026-07-01"}, "acceptance.overlap"),
        ({"valid_from": "2026-07-31"}, "acceptance.overlap"),
        ({"valid_from": "2020-01-01"}, "acceptance.overlap"),
        ({"valid_from": "2026-06-30", "valid_until": "2026-06-30"}, None),
        ({"valid_from": "2026-08-01"}, None),
    ],
)
async def test_agreements_of_one_pair_do_not_overlap(
    api: Api,
    neighbours: tuple[dict[str, Any], dict[str, Any]],
    period: dict[str, str],
    code: str | None,
) -> None:
    july = {"valid_from": "2026-07-01", "valid_until": "2026-07-31"}
    statuses = [(await agree(api, *neighbours, **july)).status_code for _ in range(2)]
    assert statuses == [201, 200]
    response = await agree(api, *neighbours, **period)
    assert response.status_code == (201 if code is None else 409)
    assert code is None or code_of(response) == code


async def test_two_agreements_at_once_do_not_overlap_either(
    api: Api, neighbours: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    answers = await asyncio.gather(
        *(agree(api, *neighbours, valid_from=f"2027-01-0{day}") for day in range(1, 6)),
        *(agree(api, *neighbours[::-1], valid_from=f"2027-01-0{day}") for day in range(1, 6)),
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 8


async def test_an_agreement_is_between_two_towns_of_one_region(
    api: Api, neighbours: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    stranger = await api.new_town()
    for other in (stranger, neighbours[0]):
        response = await agree(api, neighbours[0], other, valid_from="2027-01-01")
        assert (response.status_code, code_of(response)) == (422, "acceptance.other_region")
    response = await agree(api, neighbours[0], {"id": fresh_id()}, valid_from="2027-01-01")
    assert (response.status_code, code_of(response)) == (404, "town.unknown")


async def test_an_agreement_does_not_end_before_it_begins(
    api: Api, neighbours: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    response = await agree(api, *neighbours, valid_from="2027-01-02", valid_until="2027-01-01")
    assert (response.status_code, code_of(response)) == (422, "request.invalid")
    assert response.json()["errors"][0]["path"] == "valid_until"


async def test_an_agreement_ends_today_at_the_earliest(
    api: Api, neighbours: tuple[dict[str, Any], dict[str, Any]], clock: Clock
) -> None:
    """At 00:30 on 6 December in Germany it is still the 5th in UTC."""
    issuer, partner = neighbours
    clock.now = clock.now.replace(hour=23, minute=30)
    await agree(api, issuer, partner, valid_from="2026-01-01")
    path = f"/api/v1/towns/{issuer['id']}/acceptances/{partner['id']}/end"
    response = await api.post(path, {"valid_until": "2026-12-05"})
    assert (response.status_code, code_of(response)) == (409, "acceptance.past")
    assert "06.12.2026" in response.json()["detail"]
    for _ in range(2):
        response = await api.post(path, {"valid_until": "2026-12-06"})
        assert (response.status_code, response.json()["valid_until"]) == (200, "2026-12-06")
    response = await api.post(path, {"valid_until": "2026-12-07"})
    assert (response.status_code, code_of(response)) == (404, "acceptance.unknown")
    assert [each["valid_until"] for each in await acceptances_of(api, issuer)] == ["2026-12-06"]
