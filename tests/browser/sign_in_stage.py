"""Persons for a browser, and a passkey's device for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest_asyncio
from playwright.async_api import CDPSession, Page

from gutschein.db.access import IDENTITY, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.identity.persons import create_person
from gutschein.identity.roles import grant_role
from gutschein.identity.totp import code_at, new_secret
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import PersonId, RegionId
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import load_service_keys
from gutschein.towns.schemas import NewRegion
from gutschein.towns.service import create_region
from gutschein.web.rights import Role
from tests.running_service import KEK_HEX, Served

PASSWORD = "Ameise-Kochtopf-Fahrstuhl-17"


@dataclass
class Somebody:
    """A person, and what they sign in with."""

    id: PersonId
    email: str
    totp_secret: str | None

    def code(self) -> str:
        """What their authenticator shows now."""
        assert self.totp_secret
        return code_at(self.totp_secret, utc_now())


NewPerson = Callable[..., Awaitable[Somebody]]


@pytest_asyncio.fixture(loop_scope="session")
async def new_person(service: Served) -> AsyncIterator[NewPerson]:
    """Make a person; ``operator=True`` with a role that needs two factors."""
    engine = create_engine(service.database_url, role=None, pool_size=1)
    database = Database(engine)

    async def make(*, totp: bool = False, operator: bool = False) -> Somebody:
        email, now = f"erika.{uuid4().hex[:12]}@rathaus.example", utc_now()
        secret = new_secret() if totp else None
        async with database.acting(IDENTITY).unit_of_work() as work:
            keys = await load_service_keys(work, KeyEncryptionKey(bytes.fromhex(KEK_HEX)))
            person_id = await create_person(
                work,
                keys,
                name="Erika Musterfrau",
                email=email,
                password=PASSWORD,
                totp_secret=secret,
                now=now,
            )
        if operator:
            await _operator(database, person_id)
        return Somebody(person_id, email, secret)

    yield make
    await engine.dispose()


async def _operator(database: Database, person_id: PersonId) -> None:
    now, region = utc_now(), NewRegion(name="Erzgebirge")
    async with database.acting(Access.operator(())).unit_of_work() as work:
        region_id = RegionId((await create_region(work, region, now))[0].id)
    async with database.acting(IDENTITY).unit_of_work() as work:
        await grant_role(work, person_id, Role.OPERATOR, region_id=region_id, by=None, now=now)


async def add_authenticator(page: Page) -> tuple[CDPSession, str]:
    """Give a page a device with passkeys, unlocked by its owner; return it and its id."""
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    added = await devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devices, str(added["authenticatorId"])
