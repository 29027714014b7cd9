"""A month's end, with every euro worked out by hand."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from api_fixtures import OTHER_IBAN, Api, code_of, fresh_id
from stage import Shop, Stage, Town, new_shop, with_programme

from gutschein.bank.pain001_reading import read_pain001, validate_pain001
from tests.documents.printed_page import Printed


def of(settlement: dict[str, Any], shop: Shop) -> dict[str, Any]:
    """The statement of a shop's merchant."""
    [found] = [each for each in settlement["statements"] if each["merchant_id"] == shop.merchant_id]
    return dict(found)


async def payout_file(stage: Stage, town: Town, settlement: dict[str, Any]) -> bytes:
    response = await stage.api.get(town.path(f"settlements/{settlement['id']}/payout-file"))
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/xml")
    return response.content


async def confirm(stage: Stage, town: Town, settlement: dict[str, Any]) -> int:
    path = town.path(f"settlements/{settlement['id']}/payouts/confirmation")
    response = await stage.api.post(path)
    assert response.status_code == 200, response.text
    return int(response.json()["confirmed_count"])


async def test_the_books_after_a_month_of_one_shop(stage: Stage) -> None:
    """100 EUR and 12.50 EUR redeemed, 12.50 EUR reversed, 20 EUR of the partner's voucher."""
    town = stage.zwoenitz
    own = await stage.voucher(town, 200_00)
    guest = await stage.voucher(stage.schneeberg, 20_00)
    await stage.redeemed(own, 100_00)
    await stage.reverse(await stage.redeemed(own, 12_50))
    await stage.redeemed(guest, 20_00, town.shop)
    closed = await stage.close(town, "2026-12-01", "2026-12-05")
    assert (closed["number"], closed["state"]) == (1, "closed")
    assert (closed["vat_basis_points"], closed["minimum_payout_cents"]) == (19_00, 10_00)
    statement = of(closed, town.shop)
    assert statement | {"id": "", "merchant_id": ""} == {
        "id": "",
        "merchant_id": "",
        "number": f"{town.ags}-0001-0001",
        "redeemed_cents": 132_50,
        "reversed_cents": 12_50,
        "returned_cents": 0,
        "fee_cents": 3_60,  # 3.00 and 0.60
        "vat_cents": 68,  # 57 and 11: 11.4 cents are 11
        "carried_in_cents": 0,
        "payout_cents": 115_72,
        "carried_out_cents": 0,
        "payout_state": None,
    }
    assert await stage.balance(town, "merchant_payable") == 120_00  # nothing is booked yet
    await stage.audit()

    approved = await stage.approve(town, closed)
    assert (approved["state"], of(approved, town.shop)["payout_state"]) == (
        "approved",
        "in_transit",
    )
    assert await stage.balance(town, "merchant_payable") == 0
    assert await stage.balance(town, "payout_in_transit") == 115_72
    assert await stage.balance(town, "fee_income") == 3_60
    assert await stage.balance(town, "vat_payable") == 68
    await stage.audit()

    assert await confirm(stage, town, approved) == 1
    assert await stage.balance(town, "payout_in_transit") == 0
    assert await stage.balance(town, "trust_bank") == -200_00 + 115_72
    await stage.audit()


async def test_the_payout_file_is_what_the_statements_and_the_ledger_say(stage: Stage) -> None:
    town = stage.zwoenitz
    account = {"iban": OTHER_IBAN, "account_holder": "Jörg Müßig"}
    second = await new_shop(stage.api, town.id, name="Bäckerei", payout_account=account)
    poor = await new_shop(stage.api, town.id, name="Kiosk")
    voucher = await stage.voucher(town, 500_00)
    await stage.redeemed(voucher, 100_00)
    await stage.redeemed(voucher, 50_00, second)
    await stage.redeemed(voucher, 5_00, poor)
    settlement = await stage.settle(town, "2026-12-01", "2026-12-05")
    content = await payout_file(stage, town, settlement)
    assert validate_pain001(content) == []
    read = read_pain001(content)
    order = read.order
    assert order.message_id == f"{town.ags}-0001"
    paid = [each for each in settlement["statements"] if each["payout_cents"]]
    assert [each["number"][-4:] for each in settlement["statements"]] == ["0001", "0002", "0003"]
    assert [(each.end_to_end_id, each.amount_cents) for each in order.transfers] == [
        (each["number"], each["payout_cents"]) for each in paid
    ]
    assert {each.creditor_name for each in order.transfers} == {
        "Joerg Muessig",
        "Kerstin Beispiel",
    }
    assert (read.count, read.control_sum_cents) == (2, 144_64)  # 96.43 and 48.21
    assert await stage.balance(town, "payout_in_transit") == 144_64
    assert of(settlement, poor)["carried_out_cents"] == 4_82
    assert await payout_file(stage, town, settlement) == content
    await stage.audit()


async def test_a_statement_is_read_on_paper_and_in_a_spreadsheet(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town, 100_00)
    first = await stage.redeemed(voucher, 40_00)
    stage.clock.now = datetime(2026, 12, 5, 10, 0, tzinfo=UTC)
    await stage.reverse(await stage.redeemed(voucher, 12_50))
    statement = of(await stage.settle(town, "2026-12-01", "2026-12-05"), town.shop)
    path = town.path(f"statements/{statement['id']}")
    document = await stage.api.get(f"{path}/document")
    name = f'attachment; filename="abrechnung-{statement["number"]}.pdf"'
    assert document.headers["content-disposition"] == name
    text = Printed(document.content).text()
    for words in (statement["number"], "Buchladen Zwönitz", "52,50 €", "38,57 €"):
        assert words in text
    entries = await stage.api.get(f"{path}/entries")
    assert entries.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(entries.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows[1:4]] == ["Einlösung", "Einlösung", "Storno"]
    assert first["id"] in rows[1]
    assert "40,00" in rows[1]
    for rest in ("document", "entries"):
        elsewhere = await stage.api.get(
            stage.schneeberg.path(f"statements/{statement['id']}/{rest}")
        )
        assert (elsewhere.status_code, code_of(elsewhere)) == (404, "statement.unknown")


async def test_carried_cents_reach_the_minimum_in_the_next_month(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town, 50_00)
    await stage.redeemed(voucher, 10_00)
    first = of(await stage.settle(town, "2026-11-01", "2026-12-05"), town.shop)
    assert (first["payout_cents"], first["carried_out_cents"]) == (0, 9_64)
    no_file = await stage.api.get(town.path(f"settlements/{fresh_id()}/payout-file"))
    assert code_of(no_file) == "settlement.unknown"
    stage.clock.now = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
    second = of(await stage.settle(town, "2026-12-06", "2026-12-31"), town.shop)
    assert (second["carried_in_cents"], second["carried_out_cents"]) == (9_64, 9_64)
    await stage.redeemed(voucher, 10_00)
    third = of(await stage.settle(town, "2027-01-01", "2027-01-04"), town.shop)
    assert (third["carried_in_cents"], third["payout_cents"]) == (9_64, 19_28)
    assert await stage.balance(town, "merchant_payable") == 0
    await stage.audit()


async def test_a_shop_that_only_reversed_owes_and_its_fee_goes_back(stage: Stage) -> None:
    """50 EUR settled at noon, reversed in the evening: 1.50 EUR and 29 cents come back."""
    town = stage.zwoenitz
    done = await stage.redeemed(await stage.voucher(town), 50_00)
    await stage.settle(town, "2026-12-01", "2026-12-05")
    assert (await stage.reverse(done)).status_code == 200
    stage.clock.now = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
    owing = of(await stage.settle(town, "2026-12-06", "2026-12-31"), town.shop)
    assert (owing["reversed_cents"], owing["fee_cents"], owing["vat_cents"]) == (50_00, -1_50, -29)
    assert (owing["payout_cents"], owing["carried_out_cents"]) == (0, -48_21)
    assert await stage.balance(town, "merchant_payable") == -48_21
    assert await stage.balance(town, "fee_income") == 0
    await stage.redeemed(await stage.voucher(town, 100_00), 100_00)
    paid = of(await stage.settle(town, "2027-01-01", "2027-01-04"), town.shop)
    assert (paid["carried_in_cents"], paid["payout_cents"]) == (-48_21, 48_22)
    await stage.audit()


async def test_each_programme_is_a_line_of_its_own_fee(stage: Stage, api: Api) -> None:
    town = stage.zwoenitz
    free = await api.new_programme({"id": town.id}, name="Frei", merchant_fee_basis_points=0)
    await stage.redeemed(await stage.voucher(town), 50_00)
    await stage.redeemed(await stage.voucher(with_programme(town, free["id"])), 50_00)
    statement = of(await stage.settle(town, "2026-12-01", "2026-12-05"), town.shop)
    assert (statement["fee_cents"], statement["vat_cents"]) == (1_50, 29)
    assert statement["payout_cents"] == 98_21
    await stage.audit()


async def test_vat_is_that_of_the_periods_last_day(stage: Stage, api: Api) -> None:
    town = stage.zwoenitz
    await api.made(town.path("vat-rates"), {"valid_from": "2026-12-06", "basis_points": 0})
    await stage.redeemed(await stage.voucher(town), 50_00)
    taxed = await stage.settle(town, "2026-11-01", "2026-12-05")
    stage.clock.now = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
    await stage.redeemed(await stage.voucher(town), 50_00)
    free = await stage.settle(town, "2026-12-06", "2026-12-06")
    assert [of(each, town.shop)["vat_cents"] for each in (taxed, free)] == [29, 0]
    await stage.audit()


async def test_the_payout_goes_to_the_account_at_the_closing(stage: Stage, api: Api) -> None:
    town = stage.zwoenitz
    await stage.redeemed(await stage.voucher(town), 50_00)
    account = {"iban": OTHER_IBAN, "account_holder": "Neue Inhaberin"}
    terms = {"kind": "payout_account", "merchant_id": town.shop.merchant_id} | account
    await api.approved(town.id, terms)
    closed = await stage.close(town, "2026-12-01", "2026-12-05")
    stage.clock.now = datetime(2026, 12, 9, 12, 0, tzinfo=UTC)  # the new account counts by now
    content = await payout_file(stage, town, await stage.approve(town, closed))
    assert OTHER_IBAN.encode() not in content
    await stage.audit()


async def test_a_town_where_nothing_happened_settles_nothing(stage: Stage) -> None:
    town = stage.zwoenitz
    settlement = await stage.settle(town, "2026-12-01", "2026-12-05")
    assert settlement["statements"] == []
    no_file = await stage.api.get(town.path(f"settlements/{settlement['id']}/payout-file"))
    assert (no_file.status_code, code_of(no_file)) == (409, "settlement.state")
    assert await confirm(stage, town, settlement) == 0
    await stage.audit()
