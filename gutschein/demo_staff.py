"""The people of the demo: made and signed in on the service's own machine.

Whoever starts the demo owns the machine, so its people get their sessions without their
passwords. Everything they do from there goes over HTTP.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec

from gutschein.db.access import IDENTITY, JOBS, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database, Work
from gutschein.identity.cookies import SESSION
from gutschein.identity.persons import create_person, find_by_email
from gutschein.identity.roles import grant_role
from gutschein.identity.sessions import csrf_token, start_session
from gutschein.identity.site import Site
from gutschein.identity.totp import code_at, new_secret
from gutschein.installation import Installation
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId
from gutschein.signing.key_check import open_keys
from gutschein.towns.schemas import NewRegion
from gutschein.towns.service import create_region
from gutschein.web.rights import Role

T = TypeVar("T")

_BROWSER = "gutschein demo"


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the demo, as the sign-in page wants them."""

    name: str
    email: str
    about: str
    password: str
    totp_secret: str

    def code(self, now: datetime) -> str:
        """Return what their authenticator shows."""
        return code_at(self.totp_secret, now)


_PEOPLE = {
    "operator": ("Olga Ordnung", "olga@demo.example", "operates the region"),
    "office": ("Anna Amtmann", "anna@demo.example", "administrator, clerk, auditor of all towns"),
    "approver": ("Bernd Bewilliger", "bernd@demo.example", "approver of all towns"),
    "owner": ("Kerstin Krämer", "kerstin@demo.example", "owns the first shop"),
}
_OFFICE_ROLES = (Role.ADMINISTRATOR, Role.CLERK, Role.AUDITOR)


class DemoStaff:
    """The demo's people, known to the database of one installation.

    :param folder: where their passwords are kept between two starts, readable by its owner.
    """

    def __init__(self, installation: Installation, folder: Path) -> None:
        self._installation = installation
        self._site = Site.of(installation.settings.public_url)
        self.members = members(folder)
        self._ids: dict[str, PersonId] = self._do(self._enlisted)
        self._sessions: dict[str, str] = {}

    @property
    def operator(self) -> dict[str, str]:
        return self._signed_in("operator")

    @property
    def office(self) -> dict[str, str]:
        return self._signed_in("office")

    @property
    def approver(self) -> dict[str, str]:
        return self._signed_in("approver")

    @property
    def owner(self) -> dict[str, str]:
        return self._signed_in("owner")

    def open_region(self, region_id: str, name: str) -> None:
        """Make a region with its operator; again changes nothing."""

        async def opened(database: Database) -> None:
            new = NewRegion(id=UUID(region_id), name=name)
            async with database.acting(Access.operator(())).unit_of_work() as work:
                await create_region(work, new, utc_now())
            async with database.acting(IDENTITY).unit_of_work() as work:
                await grant_role(
                    work,
                    self._ids["operator"],
                    Role.OPERATOR,
                    region_id=RegionId(UUID(region_id)),
                    by=None,
                    now=utc_now(),
                )

        self._do(opened)

    def take_office(self, town_ids: list[str]) -> None:
        """Give the office and the approver their roles in these towns."""
        roles = [("office", role) for role in _OFFICE_ROLES] + [("approver", Role.APPROVER)]

        async def taken(database: Database) -> None:
            async with database.acting(IDENTITY).unit_of_work() as work:
                for town_id in town_ids:
                    for name, role in roles:
                        await self._grant(work, name, role, TownId(UUID(town_id)))

        self._do(taken)

    def own(self, town_id: str, merchant_id: str) -> None:
        """Make the owner the owner of a merchant."""

        async def owned(database: Database) -> None:
            async with database.acting(IDENTITY).unit_of_work() as work:
                place = TownId(UUID(town_id)), MerchantId(UUID(merchant_id))
                await self._grant(work, "owner", Role.OWNER, *place)

        self._do(owned)

    async def _grant(
        self,
        work: Work,
        name: str,
        role: Role,
        town_id: TownId,
        merchant_id: MerchantId | None = None,
    ) -> None:
        await grant_role(
            work,
            self._ids[name],
            role,
            town_id=town_id,
            merchant_id=merchant_id,
            by=None,
            now=utc_now(),
        )

    def _signed_in(self, name: str) -> dict[str, str]:
        """Return the headers of somebody's session, begun when it is first needed."""

        async def begun(database: Database) -> str:
            async with database.acting(IDENTITY).unit_of_work() as work:
                return await start_session(
                    work, self._ids[name], second_factor=True, browser=_BROWSER, now=utc_now()
                )

        if name not in self._sessions:
            self._sessions[name] = self._do(begun)
        token = self._sessions[name]
        cookie = f"{self._site.cookie_name(SESSION)}={token}"
        return {"cookie": cookie, "x-csrf-token": csrf_token(token)}

    async def _enlisted(self, database: Database) -> dict[str, PersonId]:
        async with database.acting(JOBS).unit_of_work() as work:
            keys = await open_keys(work, self._installation.kek, utc_now())
        async with database.acting(IDENTITY).unit_of_work() as work:
            return {
                name: await find_by_email(work, keys, each.email)
                or await create_person(
                    work,
                    keys,
                    name=each.name,
                    email=each.email,
                    password=each.password,
                    totp_secret=each.totp_secret,
                    now=utc_now(),
                )
                for name, each in self.members.items()
            }

    def _do(self, step: Callable[[Database], Awaitable[T]]) -> T:
        async def done() -> T:
            database = Database(create_engine(self._installation.database_url, pool_size=1))
            try:
                return await step(database)
            finally:
                await database.close()

        return asyncio.run(done())


def members(folder: Path) -> dict[str, Member]:
    """Return the people with the passwords they had before, or with new ones."""
    path = folder / "people.json"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = {
            name: Member(person, email, about, _password(), new_secret())
            for name, (person, email, about) in _PEOPLE.items()
        }
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode(made))
    known: dict[str, Member] = {
        name: Member(**each) for name, each in json.loads(path.read_bytes()).items()
    }
    return known


def _password() -> str:
    return "-".join(secrets.token_hex(3) for _ in range(4))
