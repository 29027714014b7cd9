"""What handlers do with people, each in a unit of work of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency, Provide

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Database, Work
from gutschein.identity.rules import normal_email
from gutschein.kernel.author import Author
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId
from gutschein.limits.counting import Limits
from gutschein.people import invitations, repository, rules
from gutschein.people.invitations import Invitation
from gutschein.people.letters import Letterbox
from gutschein.people.people import Colleague, people_at, take_away
from gutschein.people.place import Place, get_place
from gutschein.people.recovery import roles_to_recover
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.caller import Caller
from gutschein.web.providers import Counters, Db, Now, Who
from gutschein.web.rights import Role

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class PeopleOffice:
    """Whoever asks about people, at an instant. It acts on the tables of persons; which place
    may be seen is what the guard has found for the ids in the path, and no other is named.
    """

    database: Database
    keys: ServiceKeys
    limits: Limits
    letters: Letterbox
    caller: Caller
    now: datetime

    @property
    def author(self) -> Author:
        return self.caller.author

    async def town(self, town_id: TownId, within: RegionId | None = None) -> Place:
        """:raises Refusal: ``town.unknown``."""
        async with self._identity.reading() as work:
            return await get_place(work, town_id=town_id, within=within)

    async def merchant(self, town_id: TownId, merchant_id: MerchantId) -> Place:
        """:raises Refusal: ``town.unknown``, ``merchant.unknown``."""
        async with self._identity.reading() as work:
            return await get_place(work, town_id=town_id, merchant_id=merchant_id)

    async def region(self, region_id: RegionId) -> Place:
        """:raises Refusal: ``region.unknown``."""
        async with self._identity.reading() as work:
            return await get_place(work, region_id=region_id)

    async def overview(self, place: Place) -> tuple[list[Colleague], list[Invitation]]:
        """Return who works in a place, and who is invited."""
        async with self._identity.reading() as work:
            invited = [
                each
                for where in await self._invited_to(work, place)
                for each in await invitations.open_invitations(work, self.keys, where, self.now)
            ]
            return await people_at(work, place), invited

    async def needs_approval(self, town_id: TownId, roles: Collection[Role]) -> bool:
        """Tell whether two persons of a town give these roles."""
        async with self._identity.reading() as work:
            ever = await invitations.roles_ever(work, town_id)
        return not rules.BY_TWO.isdisjoint(roles) and rules.is_complete(ever)

    async def beginning_towns(self, region_id: RegionId) -> list[tuple[UUID, str]]:
        """Return id and name of the towns of a region whose first people are to be invited."""
        async with self._identity.reading() as work:
            rows = await repository.beginning_towns(work, region_id)
        return [(row.id, row.name) for row in rows]

    async def merchants(self, town_id: TownId) -> list[tuple[UUID, str, int]]:
        """Return id and name of a town's merchants, and how many people work there."""
        async with self._identity.reading() as work:
            rows = await repository.merchants_with_people(work, town_id)
        return [(row.id, row.name, row.people_count) for row in rows]

    async def name_in_town(self, town_id: TownId, person_id: UUID) -> str:
        """Return the name of somebody with a role in a town or at a merchant of it.

        :raises Refusal: ``person.unknown``, ``recovery.elsewhere``.
        """
        async with self._identity.reading() as work:
            person, _ = await roles_to_recover(work, town_id, PersonId(person_id))
        return person.name

    async def invite(
        self, place: Place, by: rules.By, *, name: str, email: str, roles: Collection[Role]
    ) -> tuple[Invitation, str | None]:
        """Invite somebody; see :func:`gutschein.people.invitations.invite`.

        :param by: what the caller may invite for.
        :raises Refusal: ``email.invalid``, ``invitation.…``, ``limit.rate``.
        """
        normal_email(email)
        await self.limits.take(rules.INVITING, str(self.caller.id), self.now)
        async with self._identity.unit_of_work() as work:
            ever: Collection[Role] = ()
            if place.town_id is not None and place.merchant_id is None:
                ever = await invitations.roles_ever(work, place.town_id)
            rules.check_invited(by, roles, ever)
            return await invitations.invite(
                work,
                self.keys,
                self.letters,
                place,
                name=name,
                email=email,
                roles=roles,
                by=self.author,
                now=self.now,
            )

    async def retract(self, place: Place, invitation_id: UUID) -> None:
        """:raises Refusal: ``invitation.unknown``."""
        async with self._identity.unit_of_work() as work:
            places = await self._invited_to(work, place)
            await invitations.retract(
                work, self.keys, places, invitation_id, by=self.author, now=self.now
            )

    async def take_away(self, place: Place, grant_id: UUID) -> None:
        """:raises Refusal: ``role.unknown``, ``role.own``, ``role.last``."""
        async with self._identity.unit_of_work() as work:
            await take_away(work, place, grant_id, by=self.author, now=self.now)

    async def _invited_to(self, work: Work, place: Place) -> list[Place]:
        """Return the places whose invitations are managed in a place: itself, and the towns
        of a region that do not decide for themselves yet.
        """
        if place.region_id is None:
            return [place]
        towns = await repository.beginning_towns(work, place.region_id)
        return [place, *[await get_place(work, town_id=TownId(row.id)) for row in towns]]

    @property
    def _identity(self) -> Database:
        return self.database.acting(IDENTITY)


#: Handlers ask for it as ``office``.
Office = NamedDependency[PeopleOffice]


def _office(
    request: AnyRequest, *, database: Db, limits: Counters, caller: Who, now: Now
) -> PeopleOffice:
    state = request.app.state
    letters = Letterbox(state.public_url, state.mail_is_on)
    return PeopleOffice(database, state.service_keys, limits, letters, caller, now)


OFFICE = {"office": Provide(_office, sync_to_thread=False)}
