"""A redemption is kept with the device, the cashier or the API key that it came through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from api_fixtures import fresh_id
from shop_stage import Person, Shop, Till, new_code
from sqlalchemy import text
from stage import Stage

PIN = "7391"


async def by(stage: Stage, table: str, id_: str) -> tuple[UUID | None, ...]:
    """The device, the cashier and the API key of a row."""
    query = text(f"SELECT device_id, cashier_id, api_key_id FROM {table} WHERE id = :id")
    async with stage.database.reading() as work:
        return tuple((await work.execute(query, {"id": id_})).one())


async def test_a_device_redeems_and_reverses_in_the_name_of_its_cashier(
    stage: Stage, paired: Till, keeper: Person, place: Shop
) -> None:
    cashier = await keeper.api.made(place.path("cashiers"), {"name": "Petra M.", "pin": PIN})
    body = stage.sold(await stage.voucher(stage.zwoenitz), 12_50)
    done = await paired.send("POST", "/api/v1/redemptions", body)
    assert done.status_code == 200, done.text
    assert await by(stage, "redemption", body["id"]) == (UUID(paired.id), None, None)

    signed_on = await paired.send(
        "POST", "/api/v1/device/cashier", {"cashier_id": cashier["id"], "pin": PIN}
    )
    assert signed_on.status_code == 200
    reversal = {"id": fresh_id()} | place.names()
    path = f"/api/v1/redemptions/{body['id']}/reversal"
    assert (await paired.send("POST", path, reversal)).status_code == 200
    standing = (UUID(paired.id), UUID(cashier["id"]), None)
    assert await by(stage, "reversal", reversal["id"]) == standing

    voucher = await stage.voucher(stage.zwoenitz)
    item = {"id": fresh_id(), "amount_cents": 100} | voucher.shown
    sale = {"id": fresh_id(), "items": [item]} | place.names()
    assert (await paired.send("POST", "/api/v1/sales", sale)).status_code == 200
    assert await by(stage, "redemption", item["id"]) == standing
    await stage.audit()


async def test_a_cash_register_redeems_in_the_name_of_its_key(
    stage: Stage, keeper: Person, place: Shop, new_client: Any
) -> None:
    made = await keeper.api.made(
        place.path("api-keys"), {"name": "Kasse", "rights": ["till.redeem"]}
    )
    register = new_client()
    register.headers["authorization"] = f"Bearer {made['token']}"
    body = stage.sold(await stage.voucher(stage.zwoenitz), 100)
    assert (await register.post("/api/v1/redemptions", json=body)).status_code == 200
    key = (None, None, UUID(made["api_key"]["id"]))
    assert await by(stage, "redemption", body["id"]) == key


async def test_a_repetition_through_another_device_is_the_same_redemption(
    stage: Stage, paired: Till, new_till: Callable[..., Till], keeper: Person, place: Shop
) -> None:
    """A till that broke down after it sent: its neighbour asks again and is answered alike."""
    neighbour = new_till()
    await neighbour.pair(await new_code(keeper, place, "Kasse 2"))
    body = stage.sold(await stage.voucher(stage.zwoenitz), 100)
    first = await paired.send("POST", "/api/v1/redemptions", body)
    again = await neighbour.send("POST", "/api/v1/redemptions", body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert await by(stage, "redemption", body["id"]) == (UUID(paired.id), None, None)
