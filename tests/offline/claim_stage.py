"""A paired device in the shop of the stage's first town, and what it takes without a net.

The town lets each device take 50 EUR in four hours, 20 EUR of it from one voucher.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from api_fixtures import code_of, fresh_id
from sqlalchemy import text
from stage import Paper, Stage

from gutschein.web.rights import Role
from tests.devices.shop_stage import NewPerson, Person, Shop, Till, new_code

CLAIMS = "/api/v1/claims"
TERMS = {
    "enabled": True,
    "voucher_cents": 20_00,
    "device_cents": 50_00,
    "outage_minutes": 240,
    "bearer": "town",
}


@dataclass
class Outage:
    """A device that has been without a net for an hour, and has one again now."""

    stage: Stage
    till: Till
    place: Shop
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)

    def claim(self, voucher: Paper, amount_cents: int = 10_00, **changes: Any) -> dict[str, Any]:
        """What the device took half an hour ago, as it sends it."""
        now = self.stage.clock.now
        return (
            {"id": fresh_id(), "amount_cents": amount_cents}
            | voucher.shown
            | self.place.names()
            | {
                "claimed_at": at(now - timedelta(minutes=30)),
                "outage_began_at": at(now - timedelta(hours=1)),
            }
            | changes
        )

    def claim_of(self, claim_id: str) -> dict[str, Any]:
        """What was sent under an id."""
        return self.claims[claim_id]

    async def send(self, claim: dict[str, Any], language: str = "de") -> httpx.Response:
        self.claims.setdefault(claim["id"], claim)
        headers: dict[str, Any] = {"accept-language": language}
        return await self.till.send("POST", CLAIMS, claim, **headers)

    async def sent(self, claim: dict[str, Any], language: str = "de") -> dict[str, Any]:
        """Send a claim that is answered, and return the answer."""
        response = await self.send(claim, language)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def accepted(self, claim: dict[str, Any]) -> dict[str, Any]:
        done = await self.sent(claim)
        assert (done["outcome"], done["reason"]) == ("accepted", None), done
        return done

    async def disputed(self, claim: dict[str, Any], reason: str) -> dict[str, Any]:
        """Send a claim that is disputed: nothing moves, and nothing ever will."""
        before = await self.stage.moved()
        done = await self.sent(claim)
        assert (done["outcome"], done["reason"]) == ("disputed", reason), done
        assert done["redemption"] is None
        assert await self.stage.moved() == before
        assert await self.sent(claim) == done
        return done

    async def refused(self, claim: dict[str, Any], code: str) -> None:
        """Send a claim that is a plain problem: nothing of it is kept."""
        kept = await self.kept()
        response = await self.send(claim)
        assert code_of(response) == code, response.text
        assert await self.kept() == kept

    async def set_terms(self, **changes: Any) -> dict[str, Any]:
        response = await self.stage.api.post(
            self.stage.zwoenitz.path("offline-terms"), TERMS | changes
        )
        assert response.is_success, response.text
        return dict(response.json())

    async def set_terms_before(self, **changes: Any) -> None:
        """Set terms that were in force when the outage began."""
        self.stage.clock.now -= timedelta(minutes=90)
        await self.set_terms(**changes)
        self.stage.clock.now += timedelta(minutes=90)

    async def kept(self) -> list[tuple[str, str]]:
        """The claims that are kept: id and outcome."""
        async with self.stage.database.reading() as work:
            rows = await work.execute(
                text("SELECT id, outcome FROM claim WHERE town_id = :town_id ORDER BY id"),
                {"town_id": self.stage.zwoenitz.id},
            )
            return [(str(row.id), row.outcome) for row in rows]

    async def list(self, query: str = "") -> list[dict[str, Any]]:
        response = await self.till.send("GET", "/api/v1/device/claims" + query)
        assert response.status_code == 200, response.text
        return list(response.json()["claims"])


def at(instant: Any) -> str:
    return str(instant.isoformat().replace("+00:00", "Z"))


@pytest.fixture
async def place(stage: Stage) -> Shop:
    """The shop of the stage's first town."""
    town = stage.zwoenitz
    merchant = await stage.api.get(town.path(f"merchants/{town.shop.merchant_id}"))
    return Shop({"id": town.id, "name": town.name}, merchant.json())


@pytest.fixture
async def keeper(new_person: NewPerson, place: Shop) -> Person:
    return await new_person(Role.OWNER, place)


@pytest.fixture
async def till(new_till: Callable[..., Till], keeper: Person, place: Shop) -> Till:
    till = new_till()
    assert (await till.pair(await new_code(keeper, place))).status_code == 201
    return till


@pytest.fixture
async def outage(stage: Stage, till: Till, place: Shop) -> Outage:
    """Terms begin two hours before the device is heard of again."""
    found = Outage(stage, till, place)
    stage.clock.now -= timedelta(hours=2)
    await found.set_terms()
    stage.clock.now += timedelta(hours=2)
    return found
