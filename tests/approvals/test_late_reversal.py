"""A reversal after the day: by two, and off the next statement."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api_fixtures import fresh_id
from colleagues import Office
from doings import approved, later, settled
from stage import Stage, Town, with_programme


async def test_a_settled_redemption_is_taken_back_and_goes_off_the_next_statement(
    staged: Office, stage: Stage
) -> None:
    """100 EUR were paid out with a fee of 3 EUR; both go back with the next 250 EUR."""
    town = staged.town
    voucher = await stage.voucher(town, 500_00)
    redemption = await stage.redeemed(voucher, 100_00)
    await settled(staged, stage, "2026-12-01", "2026-12-05")
    await later(staged, datetime(2026, 12, 6, 9, 0, tzinfo=UTC))
    await staged.refused(await stage.reverse(redemption), "reversal.too_late")
    terms = {"kind": "late_reversal", "redemption_id": redemption["id"]}
    request = await staged.asked(staged.clara, terms, "Falscher Betrag, Bon liegt bei")
    assert request["summary"] == (
        "Storno der Einlösung vom 05.12.2026 um 10:00 Uhr über 100,00 € bei Buchladen Zwönitz,"
        " Markt 3. Der Betrag geht zurück auf den Gutschein (Gutschein Zwönitz, Zwönitz) und von"
        " der nächsten Abrechnung ab."
    )
    await staged.approved(staged.bea, request)
    assert await stage.left(voucher) == 500_00
    assert await stage.balance(town, "merchant_payable") == -100_00
    await stage.audit()
    found = await stage.api.get(town.path(f"redemptions/{redemption['id']}"))
    assert found.json()["reversal_id"] == request["id"]
    await stage.redeemed(voucher, 250_00)
    [statement] = (await settled(staged, stage, "2026-12-06", "2026-12-06"))["statements"]
    assert (statement["redeemed_cents"], statement["reversed_cents"]) == (250_00, 100_00)
    assert (statement["fee_cents"], statement["vat_cents"]) == (4_50, 86)
    assert statement["payout_cents"] == 150_00 - 4_50 - 86
    assert await stage.balance(town, "merchant_payable") == 0
    await stage.audit()
    again = await staged.ask(staged.clara, terms)
    await staged.refused(again, "reversal.already")


async def test_a_guests_voucher_gets_its_money_back_too(staged: Office, stage: Stage) -> None:
    town = staged.town
    voucher = await stage.voucher(stage.schneeberg, 50_00)
    redemption = await stage.redeemed(voucher, 20_00, town.shop)
    assert await stage.balance(town, "clearing", stage.schneeberg.id) == -20_00
    await later(staged, datetime(2026, 12, 7, 9, 0, tzinfo=UTC))
    await approved(staged, {"kind": "late_reversal", "redemption_id": redemption["id"]})
    assert await stage.left(voucher) == 50_00
    assert await stage.balance(town, "clearing", stage.schneeberg.id) == 0
    assert await stage.balance(stage.schneeberg, "clearing", town.id) == 0
    assert await stage.balance(town, "merchant_payable") == 0
    await stage.audit()


async def test_a_redemption_elsewhere_is_not_taken_back_here(staged: Office, stage: Stage) -> None:
    """The shop's town asks, not the town of the voucher."""
    voucher = await stage.voucher(staged.town, 50_00)
    redemption = await stage.redeemed(voucher, 20_00, stage.schneeberg.shop)
    answer = await staged.ask(
        staged.adam, {"kind": "late_reversal", "redemption_id": redemption["id"]}
    )
    await staged.refused(answer, "redemption.unknown")


async def test_a_lapsed_voucher_gets_nothing_back(staged: Office, stage: Stage) -> None:
    """The refusal comes with the approval, and the request stays open."""
    town = staged.town
    short = await stage.api.new_programme(
        {"id": town.id},
        name="Advent",
        cap_cents=1_000_00,
        validity="days",
        validity_count=2,
        payer="town",
    )
    redemption = await redeemed_gift(staged, stage, with_programme(town, short["id"]))
    await later(staged, datetime(2026, 12, 8, 9, 0, tzinfo=UTC))
    request = await staged.asked(
        staged.clara, {"kind": "late_reversal", "redemption_id": redemption["id"]}
    )
    await stage.expire(town)
    await staged.refused(await staged.approve(staged.bea, request), "voucher.expired")
    assert await staged.state(request) == "open"
    await stage.audit()


async def redeemed_gift(staged: Office, stage: Stage, town: Town) -> dict[str, Any]:
    """Redeem 10 EUR of a voucher of 20 EUR that the town has given away."""
    terms = {"kind": "gratis_issue", "amount_cents": 20_00, "reference": "Advent"}
    payment_id = (await approved(staged, terms))["id"]
    made = await stage.api.made(
        town.path("batches"),
        {
            "id": fresh_id(),
            "programme_id": town.programme_id,
            "payment_id": payment_id,
            "value_cents": 20_00,
        },
    )
    listed = await stage.api.get(town.path(f"batches/{made['id']}/vouchers"))
    [voucher] = listed.json()["vouchers"]
    return await stage.redeemed(await stage.paper_of(town, voucher["id"]), 10_00)
