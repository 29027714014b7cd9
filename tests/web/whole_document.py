"""A furnished town, and everybody who might call, for requests that schemathesis makes up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import requests
from api_fixtures import OTHER_IBAN, Api, Clock, fresh_id, served, towns_path
from everybody import ANNA, BERND, COOKIE, Everybody
from furniture import furnish
from route_table import Operation, example_body, operations
from schemathesis import Case
from sqlalchemy import text

from gutschein.db.unit_of_work import Database
from gutschein.identity.sessions import csrf_token

BASE_URL = "http://test"
#: So much time passes between two requests: a session that is not used meanwhile lives on.
BETWEEN = timedelta(milliseconds=700)

Headers = dict[str, str]
Send = Callable[[httpx.Request], httpx.Response]

_GIFT = {"kind": "gratis_issue", "amount_cents": 50_000, "reference": "Neugeborene"}
_GRANT = text(
    "INSERT INTO role_grant (id, person_id, role, region_id, town_id, merchant_id, granted_at)"
    " VALUES (:id, :person_id, :role, :region_id, :town_id, :merchant_id, '2026-12-01Z')"
)
_DEVICE = text(
    "INSERT INTO device (town_id, id, merchant_id, branch_id, name, algorithm, public_key,"
    " pairing_code_id, paired_at, seen_at) VALUES (:town_id, :device_id, :merchant_id,"
    " :branch_id, 'Kasse 1', 'ed25519', '\\x00', :code_id, '2026-12-01Z', '2026-12-01Z')"
)


@dataclass(frozen=True)
class World:
    """What exists, what is described, and the credentials of those who call.

    :param things: ids by the names that paths call them; ``region.grant_id`` is what paths
        of a region call ``grant_id``, and likewise for ``merchant.``.
    :param examples: a good body for each operation that takes one, by its label.
    """

    clock: Clock
    document: dict[str, Any]
    things: dict[str, str]
    examples: dict[str, Any]
    credentials: dict[str, Headers] = field(repr=False)

    def ids_in(self, path: str) -> dict[str, str]:
        """The ids of existing things for the names in *path*."""
        place = "region." if path.startswith("/api/v1/regions/{region_id}/") else ""
        place = "merchant." if "{merchant_id}" in path else place
        found = {
            name: self.things.get(place + name, self.things.get(name))
            for name in re.findall(r"\{(\w+)\}", path)
        }
        return {name: each for name, each in found.items() if each is not None}


@asynccontextmanager
async def furnished(database_url: str, database: Database) -> AsyncIterator[World]:
    """Furnish a town on a database of its own.

    :param database: the same one, with the rights of the service in every town.
    """
    clock = Clock()
    async with served(database_url, clock) as api:
        things = await furnish(api, clock)
        await _grant_roles(things, database)
        await _furnish_shop(api, things, database)
        await _furnish_office(api, things)
        described = await operations(api)
        everybody = api.client.auth
        assert isinstance(everybody, Everybody)
        yield World(
            clock,
            (await api.get("/schema/openapi.json")).json(),
            things,
            {str(each): await _example(api, each, things) for each in described if each.example},
            await _credentials(everybody, things),
        )


async def _grant_roles(things: dict[str, str], database: Database) -> None:
    """Give roles that can be taken away again."""
    places = ("region_id", "town_id", "merchant_id")
    async with database.unit_of_work() as work:
        for name, role, scope in (
            ("grant_id", "clerk", {"town_id"}),
            ("merchant.grant_id", "cashier", {"town_id", "merchant_id"}),
            ("region.grant_id", "operator", {"region_id"}),
        ):
            things[name] = fresh_id()
            place = {each: things[each] if each in scope else None for each in places}
            row = {"id": things[name], "person_id": BERND, "role": role, **place}
            await work.execute(_GRANT, row)


async def _furnish_shop(api: Api, things: dict[str, str], database: Database) -> None:
    shop = towns_path({"id": things["town_id"]}, f"merchants/{things['merchant_id']}")
    account = {"reason": "Brief", "iban": OTHER_IBAN, "account_holder": "K. Beispiel"}
    things |= {
        "open_branch_id": (await api.made(f"{shop}/branches", {"name": "Zweite Kasse"}))["id"],
        "merchant.request_id": (await api.made(f"{shop}/payout-account-requests", account))["id"],
        "merchant.invitation_id": await _invited(api, f"{shop}/people", "cashier"),
    }
    async with database.unit_of_work() as work:
        await work.execute(_DEVICE, things)


async def _furnish_office(api: Api, things: dict[str, str]) -> None:
    town, region = f"/api/v1/towns/{things['town_id']}", f"/api/v1/regions/{things['region_id']}"
    asked = await api.made(f"{town}/approvals", {"reason": "Beschluss", "terms": _GIFT})
    netting = (await api.get(f"{region}/nettings/{things['netting_id']}")).json()
    things |= {
        "request_id": asked["id"],
        "fingerprint": asked["fingerprint"],
        "region.payment_id": netting["payments"][0]["id"],
        "region.invitation_id": await _invited(api, f"{region}/people", "operator"),
    }


async def _invited(api: Api, path: str, role: str) -> str:
    body = {"name": "Erika Muster", "email": f"{fresh_id()}@example.org", "roles": [role]}
    return str((await api.made(path, body))["invitation"]["id"])


async def _example(api: Api, operation: Operation, things: dict[str, str]) -> Any:
    """Return a body that is good for what is furnished."""
    body = await example_body(api, operation, things)
    path = operation.path
    if path == "/api/v1/redemptions":
        body = _typed(body, things)
    if path == "/api/v1/redemptions/batch":
        shop = {name: things[name] for name in ("town_id", "merchant_id", "branch_id")}
        return {"items": [{**_typed(body["items"][0], things), **shop}]}
    if path.endswith("/approvals"):
        body |= {"terms": _GIFT}
    if path.endswith("/settlements"):
        body |= {"period_from": "2027-01-01", "period_to": "2027-01-03"}
    shop = {name: things[name] for name in ("town_id", "merchant_id", "branch_id")}
    here = {"fingerprint": things["fingerprint"], **(shop if "branch_id" in body else {})}
    if path.endswith("/pairing-codes"):
        here["branch_id"] = things["open_branch_id"]
    return {**body, **{name: here[name] for name in body.keys() & here.keys()}}


def _typed(redemption: dict[str, Any], things: dict[str, str]) -> dict[str, Any]:
    """Let it be of the voucher that is furnished."""
    typed = {**redemption, "code": things["presented"], "amount_cents": 100}
    typed.pop("token", None)
    return typed


async def _credentials(everybody: Everybody, things: dict[str, str]) -> dict[str, Headers]:
    """Return those of an administrator who is clerk, auditor, owner and operator too; of an
    approver; of a cash register; and of nobody.
    """
    found: dict[str, Headers] = {"nobody": {}}
    for name, person in (("office", ANNA), ("approver", BERND)):
        token = await everybody.session_of(person)
        found[name] = {"cookie": f"{COOKIE}={token}", "x-csrf-token": csrf_token(token)}
    key = await everybody.key_of((UUID(things["town_id"]), UUID(things["merchant_id"])))
    found["till"] = {"authorization": f"Bearer {key}"}
    return found


class Caller:
    """Sends requests as one of those who may be calling."""

    def __init__(self, world: World, who: str, send: Send) -> None:
        self._world, self._who, self._send = world, who, send

    def answer(self, case: Case) -> httpx.Response:
        """Send what schemathesis made up, with the credential of whoever calls."""
        self._world.clock.now += BETWEEN
        made_up = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
        headers = {**made_up.headers, **self._headers(case.path)}
        return self._send(
            httpx.Request(made_up.method, made_up.url, headers=headers, content=made_up.body)
        )

    def _headers(self, path: str) -> Headers:
        decides = path.endswith(("/approval", "/rejection"))
        who = "approver" if self._who == "office" and decides else self._who
        return self._world.credentials[who]
