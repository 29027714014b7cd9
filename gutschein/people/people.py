"""The people of a place: who holds which role, and taking one away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.identity.roles import get_grant, revoke_role
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId
from gutschein.people import repository, rules
from gutschein.people.place import Place
from gutschein.web.rights import Role


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds, by the id of its grant."""

    id: UUID
    role: Role
    since: datetime

    @property
    def day(self) -> date:
        """The day since when, in Berlin."""
        return berlin_day(self.since)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with a role in a place.

    :param signed_in_at: when they last signed in with all that it takes; ``None`` for never,
        and for so long ago that nobody remembers.
    """

    id: PersonId
    name: str
    roles: list[Held]
    signed_in_at: datetime | None
    has_second_factor: bool


async def people_at(work: Work, place: Place) -> list[Colleague]:
    """Return who holds a role in a place now, by name.

    :param work: acting as ``IDENTITY``.
    """
    rows = await repository.grants_at(work, place.scope)
    people = []
    for person_id, grouped in groupby(rows, attrgetter("person_id")):
        held = list(grouped)
        people.append(
            Colleague(
                id=PersonId(person_id),
                name=held[0].name,
                roles=[Held(row.id, Role(row.role), row.granted_at) for row in held],
                signed_in_at=held[0].signed_in_at,
                has_second_factor=held[0].has_second_factor,
            )
        )
    return people


async def holders_at(work: Work, place: Place) -> list[tuple[UUID, Role]]:
    """Return who holds which role in a place now, and may sign in."""
    return [
        (row.person_id, Role(row.role)) for row in await repository.grants_at(work, place.scope)
    ]


async def take_away(work: Work, place: Place, grant_id: UUID, *, by: Author, now: datetime) -> None:
    """Take a role in this place away. It counts no more from the person's next request on.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``role.unknown`` when nobody holds it here, ``role.own``, ``role.last``.
    """
    if by.id is None:
        raise AssertionError("a person takes it away")
    await lock_people(work, place)
    grant = await get_grant(work, grant_id)
    scope = {
        "region_id": grant.region_id,
        "town_id": grant.town_id,
        "merchant_id": grant.merchant_id,
    }
    if scope != place.scope:
        raise Refusal("role.unknown")
    held = await holders_at(work, place)
    holders = [person_id for person_id, role in held if role is grant.role]
    rules.check_taken_away(grant.role, holders, grant.person_id, by.id)
    await revoke_role(work, grant_id, by=PersonId(by.id), now=now)


async def lock_people(work: Work, place: Place) -> None:
    """Let one change of a place's people after another happen: two administrators who take
    one another's role at once would leave none.
    """
    await lock(work, place.id, "people")
