"""What the town gives away is given by two."""

from __future__ import annotations

from api_fixtures import fresh_id
from colleagues import Office
from stage import Stage


async def test_what_the_town_gives_itself_needs_two(staged: Office, stage: Stage) -> None:
    town = staged.town
    body = {"method": "subsidy", "amount_cents": 500_00, "reference": "Neugeborene 2027"}
    alone = await staged.clara.post(town.path("payments"), body)
    await staged.refused(alone, "payment.needs_approval")
    terms = {"kind": "gratis_issue", "amount_cents": 500_00, "reference": "Neugeborene 2027"}
    request = await staged.asked(staged.clara, terms)
    payment = town.path(f"payments/{request['id']}")
    await staged.refused(await staged.clara.get(payment), "payment.unknown")
    await staged.approved(staged.bea, request)
    booked = (await staged.clara.get(payment)).json()
    assert (booked["method"], booked["left_cents"]) == ("subsidy", 500_00)
    assert await stage.balance(town, "subsidy") == -500_00
    gifts = await stage.api.new_programme(
        {"id": town.id}, name="Begrüßung", payer="town", cap_cents=1_000_00
    )
    batch = {
        "id": fresh_id(),
        "programme_id": gifts["id"],
        "payment_id": request["id"],
        "value_cents": 50_00,
        "count": 10,
    }
    assert (await staged.clara.post(town.path("batches"), batch)).status_code == 201
    assert (await staged.clara.get(payment)).json()["left_cents"] == 0
    await stage.audit()
