"""A settlement is booked and paid out by two."""

from __future__ import annotations

from api_fixtures import code_of, fresh_id
from colleagues import Office
from stage import Stage


async def test_a_settlement_is_paid_out_when_a_second_person_says_so(
    staged: Office, stage: Stage
) -> None:
    town = staged.town
    await stage.redeemed(await stage.voucher(town, 200_00), 100_00)
    closed = await stage.close(town, "2026-12-01", "2026-12-05")
    alone = await staged.adam.post(town.path(f"settlements/{closed['id']}/approval"))
    assert code_of(alone) == "request.not_found"
    request = await staged.asked(staged.adam, {"kind": "settlement", "settlement_id": closed["id"]})
    assert request["summary"] == (
        "Abrechnung 1 vom 01.12.2026 bis 05.12.2026: 1 Auszahlung über zusammen 96,43 €,"
        " Gebühren mit Umsatzsteuer 3,57 €."
    )
    assert request["ends_at"] == "2026-12-19T09:00:00Z"
    assert await stage.balance(town, "payout_in_transit") == 0
    await staged.approved(staged.bea, request)
    assert await stage.balance(town, "payout_in_transit") == 96_43
    assert await stage.balance(town, "fee_income") == 3_00
    assert await stage.balance(town, "vat_payable") == 57
    again = await staged.ask(staged.adam, {"kind": "settlement", "settlement_id": closed["id"]})
    await staged.refused(again, "settlement.state")
    unknown = await staged.ask(staged.adam, {"kind": "settlement", "settlement_id": fresh_id()})
    await staged.refused(unknown, "settlement.unknown")
    await stage.audit()
