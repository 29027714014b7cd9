"""Persons of every kind, in a region of their own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import randrange
from uuid import UUID, uuid4

import httpx
import pytest
from api_fixtures import Api, Clock
from argon2 import PasswordHasher
from litestar import Litestar

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Database
from gutschein.identity import passwords
from gutschein.identity.persons import create_person
from gutschein.identity.roles import RoleGrant, grant_role
from gutschein.identity.sessions import csrf_token
from gutschein.identity.totp import code_at, new_secret
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.rights import OF_MERCHANT, OF_REGION, Role

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PASSWORD = "Ameise-Kochtopf-Fahrstuhl-17"


@dataclass(frozen=True)
class Place:
    """A region with a town and a merchant."""

    region_id: RegionId
    town_id: TownId
    merchant_id: MerchantId


@dataclass(frozen=True)
class Somebody:
    """A person, and what they sign in with."""

    id: PersonId
    name: str
    email: str
    password: str = field(repr=False)
    totp_secret: str | None = field(repr=False)


NewPerson = Callable[..., Awaitable[Somebody]]
Give = Callable[..., Awaitable[RoleGrant]]


@pytest.fixture
def people(database: Database) -> Database:
    """The database, for work on persons."""
    return database.acting(IDENTITY)


@pytest.fixture
def keys(api: Api, app: Litestar) -> ServiceKeys:  # noqa: ARG001 - the service runs
    """The keys of the running service."""
    keys: ServiceKeys = app.state.service_keys
    return keys


@pytest.fixture
async def place(api: Api) -> Place:
    town = await api.new_town()
    merchant = await api.new_merchant(town)
    return Place(
        RegionId(UUID(town["region_id"])),
        TownId(UUID(town["id"])),
        MerchantId(UUID(merchant["id"])),
    )


@pytest.fixture
def light_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with argon2id still, but quickly: most tests are not about its cost."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODYS", hasher.hash(b"nobody's"))


@pytest.fixture
def new_person(people: Database, keys: ServiceKeys, light_hashes: None) -> NewPerson:  # noqa: ARG001
    """Make a person; ``totp=True`` with an authenticator."""

    async def make(
        *, name: str = "Erika Muster", password: str | None = PASSWORD, totp: bool = False
    ) -> Somebody:
        email = f"erika.{uuid4().hex}@rathaus.example"
        secret = new_secret() if totp else None
        async with people.unit_of_work() as work:
            person_id = await create_person(
                work,
                keys,
                name=name,
                email=email,
                password=password,
                totp_secret=secret,
                now=NOW,
            )
        return Somebody(person_id, name, email, password or "", secret)

    return make


@pytest.fixture
def give(people: Database, place: Place) -> Give:
    """Give somebody a role in the test's place."""

    async def give_role(somebody: Somebody, role: Role, now: datetime = NOW) -> RoleGrant:
        async with people.unit_of_work() as work:
            return await grant_role(
                work,
                somebody.id,
                role,
                region_id=place.region_id if role in OF_REGION else None,
                town_id=None if role in OF_REGION else place.town_id,
                merchant_id=place.merchant_id if role in OF_MERCHANT else None,
                by=None,
                now=now,
            )

    return give_role


@dataclass
class Reader:
    """Somebody's browser, without scripts."""

    client: httpx.AsyncClient
    app: Litestar
    clock: Clock

    @property
    def session(self) -> str | None:
        return self.client.cookies.get("sitzung")

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form as the page would, with the proof that belongs to the session."""
        if self.session:
            fields = {"csrf_token": csrf_token(self.session), **fields}
        return await self.client.post(path, data=fields)

    async def password(self, somebody: Somebody, **fields: str) -> httpx.Response:
        form = {"email": somebody.email, "password": somebody.password} | fields
        return await self.send("/anmelden", **form)

    async def code(self, somebody: Somebody) -> httpx.Response:
        """Enter what the authenticator shows; each time the one of the next half minute."""
        assert somebody.totp_secret
        self.clock.now += timedelta(seconds=30)
        return await self.send("/anmelden/code", code=code_at(somebody.totp_secret, self.clock.now))

    async def sign_in(self, somebody: Somebody) -> None:
        """Sign in with all that it takes."""
        answer = await self.password(somebody)
        assert answer.status_code == 303, answer.text
        if somebody.totp_secret:
            answer = await self.code(somebody)
            assert answer.status_code == 303, answer.text
        assert (await self.get("/konto")).status_code == 200


@pytest.fixture
async def new_reader(
    anonymous: httpx.AsyncClient,  # noqa: ARG001 - the service runs
    app: Litestar,
    clock: Clock,
) -> AsyncIterator[Callable[..., Reader]]:
    """Open browsers, each at an address of its own unless told."""
    opened: list[httpx.AsyncClient] = []

    def new(address: str | None = None, user_agent: str = FIREFOX) -> Reader:
        host = address or f"2001:db8:{randrange(1 << 16):x}:{randrange(1 << 16):x}::1"
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(host, 1)),
            base_url="http://test",
            headers={
                "accept": "text/html",
                "accept-language": "de",
                "sec-fetch-site": "same-origin",
                "user-agent": user_agent,
            },
        )
        opened.append(client)
        return Reader(client, app, clock)

    yield new
    for client in opened:
        await client.aclose()


@pytest.fixture
def reader(new_reader: Callable[..., Reader]) -> Reader:
    return new_reader()
