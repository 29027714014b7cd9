from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from api_fixtures import (
    IBAN,
    OTHER_IBAN,
    Api,
    Clock,
    code_of,
    fresh_id,
    merchant_input,
    towns_path,
)
from sqlalchemy import text

from gutschein.db.unit_of_work import Database


async def account_kinds(database: Database, owner_id: str) -> list[str]:
    async with database.reading() as work:
        found = await work.scalars(
            text("SELECT kind FROM ledger_account WHERE owner_id = :id"), {"id": owner_id}
        )
        return list(found)


@pytest.fixture
async def town(api: Api) -> dict[str, Any]:
    return await api.new_town()


async def test_a_merchant_is_made_with_branches_and_accounts(
    api: Api, town: dict[str, Any], database: Database
) -> None:
    merchant = await api.new_merchant(town, branches=[{"name": "Markt 3"}, {"name": "Bahnhof"}])
    assert {branch["name"] for branch in merchant["branches"]} == {"Markt 3", "Bahnhof"}
    assert merchant["payout_account"]["iban"] == IBAN
    path = towns_path(town, f"merchants/{merchant['id']}")
    found = (await api.get(path)).json()
    assert sorted(found.pop("branches"), key=str) == sorted(merchant.pop("branches"), key=str)
    assert found == merchant
    assert await account_kinds(database, merchant["id"]) == ["merchant_payable"]


async def test_merchants_are_listed_by_name(api: Api, town: dict[str, Any]) -> None:
    for name in ("Zum Bären", "Apotheke"):
        await api.new_merchant(town, name=name)
    await api.new_merchant(await api.new_town())
    listed = (await api.get(towns_path(town, "merchants"))).json()["merchants"]
    assert [merchant["name"] for merchant in listed] == ["Apotheke", "Zum Bären"]
    assert [len(merchant["branches"]) for merchant in listed] == [1, 1]


async def test_a_list_tells_no_account(api: Api, town: dict[str, Any]) -> None:
    merchant = await api.new_merchant(town)
    response = await api.get(towns_path(town, "merchants"))
    [listed] = response.json()["merchants"]
    valid_from = merchant["payout_account"]["valid_from"]
    assert listed["payout_account"] == {"iban": "DE89 … 3000", "valid_from": valid_from}
    assert IBAN not in response.text
    assert merchant["payout_account"]["account_holder"] not in response.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"branches": []}, "request.invalid"),
        ({"branches": [{"name": f"Filiale {n}"} for n in range(101)]}, "request.invalid"),
        ({"payout_account": {"iban": IBAN[:-1], "account_holder": "K"}}, "iban.invalid"),
        ({"payout_account": {"iban": IBAN, "account_holder": "…"}}, "sepa_text.empty"),
        ({"payout_account": {"iban": IBAN}}, "request.invalid"),
        ({"name": "x" * 141}, "request.invalid"),
    ],
)
async def test_a_merchant_that_could_not_be_paid_is_refused(
    api: Api, town: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    response = await api.post(towns_path(town, "merchants"), merchant_input() | changes)
    assert (response.status_code, code_of(response)) == (422, code)
    assert (await api.get(towns_path(town, "merchants"))).json() == {"merchants": []}


async def test_the_address_names_a_german_postcode(api: Api, town: dict[str, Any]) -> None:
    body = merchant_input()
    body["address"]["postcode"] = "431 11"
    response = await api.post(towns_path(town, "merchants"), body)
    assert response.json()["errors"][0]["path"] == "address.postcode"


@pytest.mark.parametrize(
    "changes",
    [
        {"branches": [{"name": "Bahnhof"}]},
        {"branches": [{"name": "Markt 3"}, {"name": "Bahnhof"}]},
        {"branches": [{"name": "Markt 3", "id": "01938f6e-5c00-7cc3-98c4-dc0c0c07398f"}]},
        {"payout_account": {"iban": OTHER_IBAN, "account_holder": "Kerstin Beispiel"}},
        {"payout_account": {"iban": IBAN, "account_holder": "Jörg Muster"}},
    ],
)
async def test_the_same_id_with_other_parts_is_another_merchant(
    api: Api, town: dict[str, Any], changes: dict[str, Any]
) -> None:
    merchant = await api.new_merchant(town, id=fresh_id())
    body = merchant_input() | {"id": merchant["id"]} | changes
    response = await api.post(towns_path(town, "merchants"), body)
    assert (response.status_code, code_of(response)) == (409, "request.conflict")


async def test_a_merchant_is_still_found_by_what_it_began_with(
    api: Api, town: dict[str, Any]
) -> None:
    """A caller that missed the first answer asks again, when much has changed since."""
    merchant = await api.new_merchant(town, id=fresh_id())
    path = towns_path(town, f"merchants/{merchant['id']}")
    await api.made(f"{path}/branches", {"name": "Bahnhof"})
    account = {"iban": OTHER_IBAN, "account_holder": "Jörg Muster"}
    terms = {"kind": "payout_account", "merchant_id": merchant["id"]} | account
    await api.approved(town["id"], terms)
    again = await api.post(towns_path(town, "merchants"), merchant_input() | {"id": merchant["id"]})
    assert again.status_code == 200
    assert [branch["name"] for branch in again.json()["branches"]] == ["Markt 3", "Bahnhof"]
    assert again.json()["next_payout_account"]["iban"] == OTHER_IBAN


async def test_an_id_is_one_branch_of_the_town(api: Api, town: dict[str, Any]) -> None:
    first = await api.new_merchant(town)
    branches = [{"name": "Markt 3", "id": first["branches"][0]["id"]}]
    response = await api.post(
        towns_path(town, "merchants"), merchant_input() | {"branches": branches}
    )
    assert (response.status_code, code_of(response)) == (409, "request.conflict")
    second = await api.new_merchant(town)
    response = await api.post(towns_path(town, f"merchants/{second['id']}/branches"), branches[0])
    assert (response.status_code, code_of(response)) == (409, "request.conflict")


async def test_a_branch_closes_once(api: Api, town: dict[str, Any], clock: Clock) -> None:
    merchant = await api.new_merchant(town)
    (branch,) = merchant["branches"]
    path = towns_path(town, f"merchants/{merchant['id']}/branches/{branch['id']}/close")
    for _ in range(2):
        response = await api.post(path)
        assert response.status_code == 200
        assert response.json() == branch | {"closed_at": "2026-12-05T09:00:00Z"}
        clock.now += timedelta(hours=1)


async def test_a_branch_is_closed_under_its_own_merchant_only(
    api: Api, town: dict[str, Any]
) -> None:
    merchant, other = await api.new_merchant(town), await api.new_merchant(town)
    (branch,) = merchant["branches"]
    path = towns_path(town, f"merchants/{other['id']}/branches/{branch['id']}/close")
    response = await api.post(path)
    assert (response.status_code, code_of(response)) == (404, "branch.unknown")
    found = (await api.get(towns_path(town, f"merchants/{merchant['id']}"))).json()
    assert found["branches"] == [branch]


async def test_nobody_changes_a_payout_account_alone(api: Api, town: dict[str, Any]) -> None:
    merchant = await api.new_merchant(town, contact_email="laden@beispiel.de")
    path = towns_path(town, f"merchants/{merchant['id']}")
    new = {"iban": OTHER_IBAN, "account_holder": "Jörg Muster"}
    refused = await api.post(f"{path}/payout-accounts", new)
    assert (refused.status_code, code_of(refused)) == (404, "request.not_found")
    found = (await api.get(path)).json()
    assert found == merchant
    assert (found["payout_account"]["iban"], found["next_payout_account"]) == (IBAN, None)
    assert found["contact_email"] == "laden@beispiel.de"


async def test_an_issuing_point_has_a_cash_account(
    api: Api, town: dict[str, Any], database: Database
) -> None:
    point = await api.new_issuing_point(town)
    listed = (await api.get(towns_path(town, "issuing-points"))).json()
    assert listed == {"issuing_points": [point]}
    assert await account_kinds(database, point["id"]) == ["cash"]
