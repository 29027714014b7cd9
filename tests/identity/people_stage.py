"""People with roles in a place of their own, at browsers of their own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from api_fixtures import fresh_id
from identity_stage import PASSWORD, NewPerson, Place, Reader, Somebody
from litestar import Litestar
from sqlalchemy import text

from gutschein.approval_kinds import approval_kinds
from gutschein.db.unit_of_work import Database
from gutschein.identity.roles import grant_role
from gutschein.identity.sessions import csrf_token, start_session
from gutschein.identity.totp import code_at
from gutschein.settings import Settings
from gutschein.web.rights import OF_MERCHANT, OF_REGION, Role
from tests.conftest import ConnectAs

LINK = re.compile(r"http://[^/\s\"<]+(/(?:einladung|wiederherstellung)/[\w-]{43})")
NewReader = Callable[..., Reader]


@dataclass
class Staff:
    """Somebody who is signed in, and may call the API from there."""

    somebody: Somebody
    reader: Reader

    @property
    def headers(self) -> dict[str, str]:
        assert self.reader.session
        return {"accept": "application/json", "x-csrf-token": csrf_token(self.reader.session)}

    async def get(self, path: str) -> httpx.Response:
        return await self.reader.client.get(path, headers=self.headers)

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.reader.client.post(path, json=body, headers=self.headers)

    async def made(self, path: str, body: object) -> dict[str, Any]:
        answer = await self.post(path, body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


NewStaff = Callable[..., Awaitable[Staff]]


@dataclass
class Office:
    """A place, and those who may do something about its people."""

    place: Place
    staff: NewStaff
    new_reader: NewReader
    app: Litestar
    owner_url: str

    @property
    def town(self) -> str:
        return f"/api/v1/towns/{self.place.town_id}"

    @property
    def merchant(self) -> str:
        return f"{self.town}/merchants/{self.place.merchant_id}"

    @property
    def region(self) -> str:
        return f"/api/v1/regions/{self.place.region_id}"

    async def owner(self, query: str, *values: object) -> list[Any]:
        """Ask the database as its owner."""
        connection = await asyncpg.connect(self.owner_url)
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def empty_town(self) -> None:
        """Make the town one that has never had anybody."""
        await self.owner("DELETE FROM role_grant WHERE town_id = $1", self.place.town_id)

    async def invited(
        self, by: Staff, path: str, email: str, *roles: str, **more: Any
    ) -> dict[str, Any]:
        body = {"name": "Jana Beispiel", "email": email, "roles": list(roles)} | more
        return await by.made(f"{path}/people", body)

    async def invite(self, by: Staff, path: str, email: str, *roles: str, **more: Any) -> str:
        """Invite somebody and return the path of their link."""
        return link_in((await self.invited(by, path, email, *roles, **more))["link"])

    async def opens(self, link: str, **fields: str) -> tuple[Reader, httpx.Response]:
        """Let somebody new accept with a password."""
        reader = self.new_reader()
        form = {"name": "Jana Beispiel", "language": "de", "password": PASSWORD} | fields
        return reader, await reader.send(link, **form)

    async def asks(self, who: Staff, terms: dict[str, Any]) -> httpx.Response:
        body = {"id": fresh_id(), "reason": "Wie besprochen", "terms": terms}
        return await who.post(f"{self.town}/approvals", body)

    async def approves(self, who: Staff, request: dict[str, Any]) -> httpx.Response:
        word = {"fingerprint": request["fingerprint"]}
        return await who.post(f"{self.town}/approvals/{request['id']}/approval", word)

    async def log(self, database: Database) -> list[tuple[str, str, str, str | None, str | None]]:
        """Action, author, subject, before and after of the town's log about people."""
        async with database.reading() as work:
            rows = await work.execute(
                text(
                    "SELECT action, author_name, subject, before, after FROM log_entry WHERE"
                    " chain_id = :id AND split_part(action, '.', 1)"
                    " IN ('invitation', 'role', 'recovery') ORDER BY id"
                ),
                {"id": self.place.town_id},
            )
            return [tuple(row) for row in rows]


def link_in(found: str) -> str:
    """The path of the only link in a text."""
    (path,) = set(LINK.findall(found))
    return str(path)


def secret_on(page: str) -> str:
    """The secret that a page tells for typing."""
    found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found, page
    return found[1].replace(" ", "")


async def sets_up_app(reader: Reader) -> str:
    """Set up an authenticator where a session waits for one; return its secret."""
    secret = secret_on((await reader.get("/anmelden/zweiter-faktor")).text)
    done = await reader.send("/anmelden/zweiter-faktor", code=code_at(secret, reader.clock.now))
    assert done.status_code == 303, done.text
    return secret


async def both(*calls: Awaitable[httpx.Response]) -> list[int]:
    """The statuses of calls that are made at the same moment."""
    return sorted(answer.status_code for answer in await asyncio.gather(*calls))


@pytest.fixture
def staff(new_person: NewPerson, new_reader: NewReader, people: Database, place: Place) -> NewStaff:
    """Let somebody with these roles sit at a browser, signed in with two factors."""

    async def sit(*roles: Role, name: str = "Erika Muster", at: Place = place) -> Staff:
        somebody, reader = await new_person(name=name, totp=True), new_reader()
        now = reader.clock.now
        async with people.unit_of_work() as work:
            for role in roles:
                scope = {
                    "region_id": at.region_id if role in OF_REGION else None,
                    "town_id": None if role in OF_REGION else at.town_id,
                    "merchant_id": at.merchant_id if role in OF_MERCHANT else None,
                }
                await grant_role(work, somebody.id, role, **scope, by=None, now=now)  # type: ignore[arg-type]
            token = await start_session(
                work, somebody.id, second_factor=True, browser="Tests", now=now
            )
        reader.client.cookies.set("sitzung", token)
        return Staff(somebody, reader)

    return sit


@pytest.fixture
def office(
    place: Place, staff: NewStaff, new_reader: NewReader, app: Litestar, database_url: str
) -> Office:
    return Office(place, staff, new_reader, app, database_url)


@pytest.fixture
async def jobs(connect: ConnectAs, database_url: str) -> Database:
    """The database as the jobs see it, which alone read the outbox."""
    return await connect(database_url, "gutschein_jobs")


@pytest.fixture
def mail_on(app: Litestar) -> Iterator[None]:
    """Let links go out by mail, as where a mail server is set."""
    before = app.state.mail_is_on, app.state.approval_kinds
    with_mail = Settings(
        data_dir=Path("/nowhere"), smtp_host="mail.example", smtp_sender="us@mail.example"
    )
    app.state.mail_is_on, app.state.approval_kinds = True, approval_kinds(with_mail)
    yield
    app.state.mail_is_on, app.state.approval_kinds = before
