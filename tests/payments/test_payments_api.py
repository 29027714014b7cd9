from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from api_fixtures import Api, code_of, fresh_id, towns_path

from gutschein.db.unit_of_work import Database
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import AccountId, TownId
from gutschein.ledger.balances import balance_of
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Account
from gutschein.ledger.posting import open_accounts


@pytest.fixture
async def town(api: Api) -> dict[str, Any]:
    return await api.new_town()


async def balance(
    database: Database, town: dict[str, Any], kind: AccountKind, owner_id: str | None = None
) -> int:
    town_id = TownId(UUID(town["id"]))
    owner = None if owner_id is None else UUID(owner_id)
    async with database.reading() as work:
        return await balance_of(work, town_id, AccountId(account_id(town_id, kind, owner)))


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("bank_transfer", AccountKind.TRUST_BANK),
        ("provider", AccountKind.PAYMENT_PROVIDER),
    ],
)
async def test_25_euro_come_in_and_wait_for_vouchers(
    api: Api, town: dict[str, Any], database: Database, method: str, kind: AccountKind
) -> None:
    payment = await api.new_payment(town, method=method)
    assert (payment["amount_cents"], payment["left_cents"]) == (2_500, 2_500)
    assert (await api.get(towns_path(town, f"payments/{payment['id']}"))).json() == payment
    assert await balance(database, town, kind) == -2_500
    assert await balance(database, town, AccountKind.PAYMENT, payment["id"]) == 2_500


async def test_what_the_town_gives_itself_waits_for_a_second_person(
    api: Api, town: dict[str, Any], database: Database
) -> None:
    body = {"method": "subsidy", "amount_cents": 2_500, "reference": "Begrüßung"}
    refused = await api.post(towns_path(town, "payments"), body)
    assert (refused.status_code, code_of(refused)) == (403, "payment.needs_approval")
    assert await balance(database, town, AccountKind.SUBSIDY) == 0
    terms = {"kind": "gratis_issue", "amount_cents": 2_500, "reference": "Begrüßung"}
    request = await api.approved(town["id"], terms)
    payment = (await api.get(towns_path(town, f"payments/{request['id']}"))).json()
    assert (payment["method"], payment["left_cents"]) == ("subsidy", 2_500)
    assert await balance(database, town, AccountKind.SUBSIDY) == -2_500


async def test_cash_lies_in_the_till_of_its_issuing_point(
    api: Api, town: dict[str, Any], database: Database
) -> None:
    point = await api.new_issuing_point(town)
    await api.new_payment(town, method="cash", issuing_point_id=point["id"])
    assert await balance(database, town, AccountKind.CASH, point["id"]) == -2_500


async def test_a_payment_that_is_sent_again_moves_nothing(
    api: Api, town: dict[str, Any], database: Database
) -> None:
    payment = await api.new_payment(town, id=fresh_id())
    body = {name: payment[name] for name in ("id", "method", "amount_cents", "reference")}
    again = await api.post(towns_path(town, "payments"), body)
    assert (again.status_code, again.json()) == (200, payment)
    for changes in ({"amount_cents": 2_501}, {"method": "provider"}, {"reference": "Nr. 18"}):
        other = await api.post(towns_path(town, "payments"), body | changes)
        assert (other.status_code, code_of(other)) == (409, "request.conflict")
    assert await balance(database, town, AccountKind.TRUST_BANK) == -2_500


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_cents": 0}, "amount.invalid"),
        ({"amount_cents": -2_500}, "amount.invalid"),
        ({"amount_cents": 12.5}, "amount.invalid"),
        ({"amount_cents": 2**53}, "amount.invalid"),
        ({"method": "cash"}, "payment.issuing_point"),
        ({"issuing_point_id": "01938f6e-5c00-7cc3-98c4-dc0c0c07398f"}, "payment.issuing_point"),
        ({"method": "barter"}, "request.invalid"),
        ({"reference": ""}, "request.invalid"),
    ],
)
async def test_what_is_no_payment_moves_nothing(
    api: Api, town: dict[str, Any], database: Database, changes: dict[str, Any], code: str
) -> None:
    body = {"method": "bank_transfer", "amount_cents": 2_500, "reference": "Überweisung 17"}
    response = await api.post(towns_path(town, "payments"), body | changes)
    assert (response.status_code, code_of(response)) == (422, code)
    assert await balance(database, town, AccountKind.TRUST_BANK) == 0


async def test_cash_of_another_towns_issuing_point_is_refused(
    api: Api, town: dict[str, Any]
) -> None:
    elsewhere = await api.new_issuing_point(await api.new_town())
    for point_id in (elsewhere["id"], fresh_id()):
        body = {
            "method": "cash",
            "amount_cents": 2_500,
            "issuing_point_id": point_id,
            "reference": "Kasse 1",
        }
        response = await api.post(towns_path(town, "payments"), body)
        assert (response.status_code, code_of(response)) == (404, "issuing_point.unknown")


async def test_no_payment_goes_by_the_id_of_a_voucher(
    api: Api, town: dict[str, Any], database: Database
) -> None:
    """Or money would land on the voucher, above its value and past every limit."""
    voucher_id = fresh_id()
    town_id = TownId(UUID(town["id"]))
    async with database.unit_of_work() as work:
        voucher = Account(town_id, AccountKind.VOUCHER, UUID(voucher_id))
        await open_accounts(work, [voucher], utc_now())
    body = {"method": "bank_transfer", "amount_cents": 2_500, "reference": "Überweisung 17"}
    response = await api.post(towns_path(town, "payments"), body | {"id": voucher_id})
    assert (response.status_code, code_of(response)) == (409, "request.conflict")
    assert await balance(database, town, AccountKind.VOUCHER, voucher_id) == 0
