"""Persons of a town hall who ask and decide, each with a session of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from api_fixtures import Api, Clock, code_of, fresh_id
from everybody import COOKIE
from litestar import Litestar
from sqlalchemy import text
from stage import Shop, Stage, Town, new_shop

from gutschein.approvals.kinds import Desk
from gutschein.db.access import IDENTITY, Access
from gutschein.db.unit_of_work import Database
from gutschein.identity.persons import create_person
from gutschein.identity.roles import grant_role, grants_of, revoke_role
from gutschein.identity.sessions import csrf_token, start_session
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId
from gutschein.web.caller import Caller, Grant
from gutschein.web.rights import OF_MERCHANT, OF_REGION, Role


@dataclass(frozen=True)
class Colleague:
    """Somebody with a session."""

    id: UUID
    name: str
    token: str
    client: httpx.AsyncClient

    @property
    def headers(self) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={self.token}", "x-csrf-token": csrf_token(self.token)}

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers)

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self.headers)


@dataclass
class Office:
    """The town hall of Zwönitz: an administrator, a clerk, two approvers."""

    api: Api
    app: Litestar
    clock: Clock
    database_url: str
    town: Town
    adam: Colleague = field(init=False)
    clara: Colleague = field(init=False)
    bea: Colleague = field(init=False)
    boris: Colleague = field(init=False)

    async def open(self) -> Office:
        """Let the colleagues sign in; again when time has moved on."""
        self.adam = await self.colleague("Adam Amt", Role.ADMINISTRATOR)
        self.clara = await self.colleague("Clara Schalter", Role.CLERK)
        self.bea = await self.colleague("Bea Bestätigt", Role.APPROVER)
        self.boris = await self.colleague("Boris Billigt", Role.APPROVER)
        return self

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    @property
    def town_id(self) -> TownId:
        return TownId(UUID(self.town.id))

    @property
    def access(self) -> Access:
        return Access.town(self.town_id)

    @property
    def desk(self) -> Desk:
        state = self.app.state
        return Desk(state.approval_kinds, state.kek, state.service_keys)

    def path(self, request: dict[str, Any], verb: str = "") -> str:
        return self.town.path(f"approvals/{request['id']}{verb}")

    # asking and deciding

    async def ask(
        self, who: Colleague, terms: dict[str, Any], reason: str = "Auf Wunsch", **changes: Any
    ) -> httpx.Response:
        body = {"id": fresh_id(), "reason": reason, "terms": terms} | changes
        return await who.post(self.town.path("approvals"), body)

    async def asked(
        self, who: Colleague, terms: dict[str, Any], reason: str = "Auf Wunsch"
    ) -> dict[str, Any]:
        answer = await self.ask(who, terms, reason)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def approve(self, who: Colleague, request: dict[str, Any]) -> httpx.Response:
        return await who.post(
            self.path(request, "/approval"), {"fingerprint": request["fingerprint"]}
        )

    async def approved(self, who: Colleague, request: dict[str, Any]) -> dict[str, Any]:
        answer = await self.approve(who, request)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def state(self, request: dict[str, Any]) -> str:
        return str((await self.adam.get(self.path(request))).json()["state"])

    async def refused(self, answer: httpx.Response, code: str) -> None:
        assert code_of(answer) == code, answer.text

    # persons and towns

    async def shop(self, **changes: Any) -> Shop:
        """Take a merchant under contract."""
        return await new_shop(self.api, self.town.id, **changes)

    async def neighbour(self) -> str:
        """Open another town of the region, and return its id."""
        return str((await self.api.new_town(self.town.region_id, name="Schneeberg"))["id"])

    async def colleague(self, name: str, *roles: Role, **scope: Any) -> Colleague:
        """Make a person with roles in Zwönitz, unless another scope is named."""
        keys, now = self.app.state.service_keys, self.clock.now
        async with self.database.acting(IDENTITY).unit_of_work() as work:
            person_id = await create_person(
                work,
                keys,
                name=name,
                email=f"{uuid4().hex}@rathaus.example",
                password=None,
                now=now,
            )
            for role in roles:
                await grant_role(
                    work, person_id, role, **scope_of(role, self.town, scope), by=None, now=now
                )
            token = await start_session(
                work, person_id, second_factor=True, browser="Tests", now=now
            )
        return Colleague(person_id, name, token, self.api.client)

    async def revoke(self, who: Colleague) -> None:
        """Take all roles of somebody away."""
        async with self.database.acting(IDENTITY).unit_of_work() as work:
            for grant in await grants_of(work, PersonId(who.id)):
                await revoke_role(work, grant.id, by=None, now=self.clock.now)

    async def caller(self, who: Colleague) -> Caller:
        """Somebody as the guard hands them to a handler."""
        async with self.database.acting(IDENTITY).reading() as work:
            held = await grants_of(work, PersonId(who.id))
        grants = tuple(
            Grant(each.role, each.region_id, each.town_id, each.merchant_id) for each in held
        )
        return Caller("person", who.id, who.name, grants)

    # what was written down

    async def log(self) -> list[tuple[str, str, str, str | None, str | None]]:
        """Action, author, subject, before and after of what the log says of approvals."""
        async with self.database.acting(self.access).reading() as work:
            rows = await work.execute(
                text(
                    "SELECT action, author_name, subject, before, after, reason FROM log_entry"
                    " WHERE chain_id = :town AND action LIKE 'approval.%' ORDER BY id"
                ),
                {"town": self.town_id},
            )
            return [tuple(row) for row in rows]


def scope_of(role: Role, town: Town, scope: dict[str, Any]) -> dict[str, Any]:
    town_id = TownId(UUID(scope.get("town_id", town.id)))
    if role in OF_REGION:
        return {"region_id": RegionId(UUID(town.region_id))}
    if role in OF_MERCHANT:
        merchant_id = scope.get("merchant_id", town.shop.merchant_id)
        return {"town_id": town_id, "merchant_id": MerchantId(UUID(merchant_id))}
    return {"town_id": town_id}


@pytest.fixture
async def office(api: Api, app: Litestar, clock: Clock, database_url: str) -> Office:
    """The town hall of a town with nothing else."""
    made = await api.new_town()
    none = Shop(made["id"], "", "")
    town = Town(made["id"], made["region_id"], made["name"], made["ags"], "", none)
    return await Office(api, app, clock, database_url, town).open()


@pytest.fixture
async def staged(stage: Stage) -> Office:
    """The town hall of a town with a shop, a programme and a neighbour."""
    town = stage.zwoenitz
    return await Office(stage.api, stage.app, stage.clock, stage.database_url, town).open()
