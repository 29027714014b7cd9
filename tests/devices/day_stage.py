"""What tills do on a day, and what they are shown of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from api_fixtures import fresh_id
from shop_stage import Person, Shop, Till, new_code
from stage import Paper, Stage

PIN = "7391"
DAY = "/api/v1/device/day"

NewDevice = Callable[..., Awaitable[Till]]


@pytest.fixture
def new_device(new_till: Callable[..., Till], keeper: Person, place: Shop) -> NewDevice:
    """Pair another device at the shop of the stage's first town, in a branch of choice."""

    async def make(name: str, branch_id: str | None = None) -> Till:
        till = new_till()
        if branch_id is None:
            code = await new_code(keeper, place, name)
        else:
            body = {"branch_id": branch_id, "name": name}
            code = str((await keeper.api.made(place.path("pairing-codes"), body))["code"])
        assert (await till.pair(code)).status_code == 201
        return till

    return make


async def new_branch(stage: Stage, place: Shop, name: str) -> str:
    """Open another branch of the shop's merchant."""
    return str((await stage.api.made(place.path("branches"), {"name": name}))["id"])


async def signed_on(till: Till, keeper: Person, place: Shop, name: str) -> None:
    """Have a new cashier step up to a device."""
    cashier = await keeper.api.made(place.path("cashiers"), {"name": name, "pin": PIN})
    body = {"cashier_id": cashier["id"], "pin": PIN}
    assert (await till.send("POST", "/api/v1/device/cashier", body)).status_code == 200


async def spent(
    till: Till, shop: dict[str, str], voucher: Paper, amount_cents: int
) -> dict[str, Any]:
    """Have a till redeem."""
    body = {"id": fresh_id(), "amount_cents": amount_cents} | voucher.shown | shop
    done = await till.send("POST", "/api/v1/redemptions", body)
    assert done.status_code == 200, done.text
    return dict(done.json())


async def taken_back(till: Till, shop: dict[str, str], redemption: dict[str, Any]) -> str:
    """Have a till reverse, and return the reversal's id."""
    body = {"id": fresh_id()} | shop
    path = f"/api/v1/redemptions/{redemption['id']}/reversal"
    assert (await till.send("POST", path, body)).status_code == 200
    return body["id"]


async def asked(till: Till, query: str = "", tag: str | None = None) -> httpx.Response:
    """Ask for the day, and say which answer is known."""
    known: dict[str, Any] = {} if tag is None else {"if-none-match": tag}
    return await till.send("GET", DAY + query, **known)


async def seen(till: Till, query: str = "") -> dict[str, Any]:
    """Return what a till is shown of the day."""
    response = await asked(till, query)
    assert response.status_code == 200, response.text
    return dict(response.json())


def sums(
    redeemed_cents: int, redemptions: int, reversed_cents: int = 0, reversals: int = 0
) -> dict[str, int]:
    return {
        "redeemed_cents": redeemed_cents,
        "reversed_cents": reversed_cents,
        "net_cents": redeemed_cents - reversed_cents,
        "redemption_count": redemptions,
        "reversal_count": reversals,
    }
