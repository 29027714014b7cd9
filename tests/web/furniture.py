"""A town in which something of everything has happened."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID

import httpx
import pypdfium2
from api_fixtures import Api, Clock, address_input, fresh_id, towns_path
from bank_messages import Booking, message

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.deposits.requests import ask
from gutschein.kernel.ids import TownId, new_id
from tests.motifs.brought_pictures import motif_input

#: Whoever invites too many people in one hour is told to wait: every town has an hour of its own.
_HOURS = cycle(range(20 * 24))
DECEMBER = {"period_from": "2026-12-01", "period_to": "2026-12-31"}


async def furnish(api: Api, clock: Clock) -> dict[str, str]:
    """Make a town with something of everything; return the ids by their name in paths.

    A voucher is redeemed at home and next door in December, and settled in January.
    Whatever has a name is called »Geheim…«, so that a leak is seen.
    """
    hours = timedelta(hours=next(_HOURS))
    clock.now = datetime(2026, 12, 5, 9, 0, tzinfo=UTC) + hours
    region = await api.new_region(name="Geheimverbund")
    town = await api.new_town(region["id"], name="Geheimstadt")
    partner = await api.new_town(region["id"])
    await api.made(
        towns_path(town, "acceptances"),
        {"accepting_town_id": partner["id"], "valid_from": "2020-01-01"},
    )
    merchant = await api.new_merchant(town, name="Geheimladen")
    programme = await api.new_programme(town, name="Geheimart")
    payment = await api.new_payment(town, reference="Geheimzahlung")
    batch = await api.made(
        towns_path(town, "batches"),
        {"programme_id": programme["id"], "payment_id": payment["id"], "value_cents": 2_500},
    )
    listed = await api.get(towns_path(town, f"batches/{batch['id']}/vouchers"))
    voucher_id = listed.json()["vouchers"][0]["id"]
    code = await _code(api, town, voucher_id)
    desk = await _desk(api, town, programme)
    redemption = await _redeem(api, town, merchant, code)
    await _redeem(api, partner, await api.new_merchant(partner), code)
    clock.now = datetime(2027, 1, 4, 9, 0, tzinfo=UTC) + hours
    settlement = await api.made(towns_path(town, "settlements"), DECEMBER)
    await api.approved(town["id"], {"kind": "settlement", "settlement_id": settlement["id"]})
    netting = await api.made(f"/api/v1/regions/{region['id']}/nettings", {"id": fresh_id()})
    others = desk | await _people(api, town, merchant)
    await _storefront(api, town, merchant)
    others |= await _deposits(api, town)
    others |= await _withdrawal(api, town)
    return others | {
        "region_id": region["id"],
        "town_id": town["id"],
        "accepting_town_id": partner["id"],
        "merchant_id": merchant["id"],
        "branch_id": merchant["branches"][0]["id"],
        "programme_id": programme["id"],
        "payment_id": payment["id"],
        "batch_id": batch["id"],
        "voucher_id": voucher_id,
        "redemption_id": redemption["id"],
        "settlement_id": settlement["id"],
        "statement_id": settlement["statements"][0]["id"],
        "netting_id": netting["id"],
        "presented": code,
        "code": "town.unknown",
        "kind": "imprint",
        "language": "de",
        "key": "geheim",
    }


async def _storefront(api: Api, town: dict[str, Any], merchant: dict[str, Any]) -> None:
    """Let the public see the town, its imprint and its shop."""
    branch = f"merchants/{merchant['id']}/branches/{merchant['branches'][0]['id']}"
    for path, body in (
        ("storefront", {"slug": f"stadt-{town['id']}", "intro": "Geheim", "intro_en": None}),
        ("storefront/texts/imprint/de", {"paragraphs": ["Geheimstadt"]}),
        (f"{branch}/profile", {"category": "books", "address": address_input()}),
        ("motifs/geheim", motif_input("Geheimmotiv")),
    ):
        put = await api.client.put(towns_path(town, path), json=body)
        assert put.status_code in {200, 201}, put.text


async def _deposits(api: Api, town: dict[str, Any]) -> dict[str, str]:
    """Let a town ask for money, get it by bank, and get some that nobody knows what it is for."""
    assert isinstance(api.client._transport, httpx.ASGITransport)
    database: Database = api.client._transport.app.state.database  # type: ignore[attr-defined]
    town_id = TownId(UUID(town["id"]))
    due_on = date(2027, 2, 1)
    now = datetime(2027, 1, 4, tzinfo=UTC)
    async with database.acting(Access.town(town_id)).unit_of_work() as work:
        asked = await ask(work, town_id, new_id(), 25_00, due_on=due_on, now=now)
    bookings = [
        Booking(cents=25_00, text=("Geheimgruß", asked.reference), name="Geheimkäuferin"),
        Booking(cents=5_00, text=("Geheimzweck",), name="Geheimzahler"),
        Booking(cents=-1_00, name="Geheimbank"),
    ]
    path = towns_path(town, "bank-statements")
    read = await api.client.post(path, content=message(*bookings, id="Geheimauszug"))
    assert read.status_code == 200, read.text
    [left] = (await api.get(towns_path(town, "deposits"))).json()["deposits"]
    return {"deposit_id": left["id"]}


async def _withdrawal(api: Api, town: dict[str, Any]) -> dict[str, str]:
    """Let a citizen withdraw from an order that nobody finds."""
    form = {"id": fresh_id(), "name": "Geheimkundin", "number": "Geheimnummer"}
    form |= {"email": "geheim@example.org", "step": "confirm"}
    sent = await api.client.post(f"/stadt-{town['id']}/widerruf", data=form)
    assert sent.status_code == 303, sent.text
    listed = await api.get(f"/stadt/{town['id']}/widerrufe")
    found = re.search(r"/widerrufe/([0-9a-f-]{36})", listed.text)
    assert found, listed.text
    return {"withdrawal_id": found[1]}


async def _desk(api: Api, town: dict[str, Any], programme: dict[str, Any]) -> dict[str, str]:
    """Let an issuing point have stock, sell a voucher and count its cash."""
    point = await api.new_issuing_point(town, name="Geheimstelle")
    here = towns_path(town, f"issuing-points/{point['id']}")
    terms = {"programme_id": programme["id"], "value_cents": 2_500}
    order = await api.made(
        towns_path(town, "stock-orders"), terms | {"count": 3, "sell_until": "2027-12-31"}
    )
    serials = {name: order[name] for name in ("first_serial", "last_serial")}
    assigned = await api.post(f"{here}/stock", serials)
    assert assigned.status_code == 200, assigned.text
    sale = await api.made(f"{here}/sales", terms | {"method": "cash"})
    closing = await api.made(f"{here}/closings", {"counted_cents": 2_500})
    return {
        "point_id": point["id"],
        "order_id": order["id"],
        "sale_id": sale["id"],
        "closing_id": closing["id"],
    }


async def _people(api: Api, town: dict[str, Any], merchant: dict[str, Any]) -> dict[str, str]:
    """Let a shop have a till and a cashier, a town somebody invited, and a request be open.

    A device signs for itself; here is only the id of one.
    """
    shop = towns_path(town, f"merchants/{merchant['id']}")
    pairing = {"branch_id": merchant["branches"][0]["id"], "name": "Geheimkasse"}
    cashier = {"name": "Geheimkraft", "pin": "4821"}
    key = {"name": "Geheimkasse", "rights": ["till.balance"]}
    renewal = {"reason": "Geheimsache", "terms": {"kind": "key_renewal"}}
    guest = {"name": "Geheimperson", "email": f"{fresh_id()}@example.org", "roles": ["clerk"]}
    await api.made(towns_path(town, "people"), guest)
    here = (await api.get(towns_path(town, "people"))).json()
    return {
        "device_id": fresh_id(),
        "code_id": (await api.made(f"{shop}/pairing-codes", pairing))["id"],
        "cashier_id": (await api.made(f"{shop}/cashiers", cashier))["id"],
        "key_id": (await api.made(f"{shop}/api-keys", key))["api_key"]["id"],
        "request_id": (await api.made(towns_path(town, "approvals"), renewal))["id"],
        "invitation_id": here["invitations"][0]["id"],
        "grant_id": here["people"][0]["roles"][0]["id"],
    }


async def _code(api: Api, town: dict[str, Any], voucher_id: str) -> str:
    """Read the typed code off the printed voucher, the only place where it stands."""
    printed = await api.get(towns_path(town, f"vouchers/{voucher_id}/document"))
    assert printed.status_code == 200, printed.text
    with pypdfium2.PdfDocument(printed.content) as document:
        text = document[0].get_textpage().get_text_bounded()
    found = re.search(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z*~$=]", text)
    assert found, text
    return found[0]


async def _redeem(
    api: Api, town: dict[str, Any], merchant: dict[str, Any], code: str
) -> dict[str, Any]:
    body = {
        "id": fresh_id(),
        "code": code,
        "amount_cents": 1_000,
        "town_id": town["id"],
        "merchant_id": merchant["id"],
        "branch_id": merchant["branches"][0]["id"],
    }
    response = await api.post("/api/v1/redemptions", body)
    assert response.status_code == 200, response.text
    return dict(response.json())
