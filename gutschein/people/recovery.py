"""A way back in for somebody who lost all that they sign in with.

In a town two other persons open it, see :mod:`gutschein.people.kinds`; where no town can, a
command on the service's machine does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.identity import repository as persons
from gutschein.identity.links import find_link, make_link, use_link
from gutschein.identity.password_rules import check_password
from gutschein.identity.passwords import hash_password
from gutschein.identity.persons import Person, email_of, get_person
from gutschein.identity.roles import RoleGrant, grants_of
from gutschein.identity.sessions import end_sessions, start_session
from gutschein.identity.sign_in import Doorkeeper
from gutschein.kernel.author import SERVICE, Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId, TownId
from gutschein.mail.outbox import enqueue
from gutschein.people import repository, rules
from gutschein.people.letters import Letterbox, recovered_mail, recovery_mail
from gutschein.people.people import holders_at
from gutschein.people.place import get_place
from gutschein.signing.service_keys import ServiceKeys


@dataclass(frozen=True, slots=True)
class Returning:
    """Somebody who holds a link back in."""

    person: Person
    email: str
    places: list[str]


async def roles_to_recover(
    work: Work, town_id: TownId, person_id: PersonId
) -> tuple[Person, list[RoleGrant]]:
    """Return somebody whom a town may let back in, with their roles there.

    Whoever is let back in gets all their roles back, so a town does it for those alone who
    have none elsewhere: otherwise two persons of one town could act in another.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``person.unknown``, ``recovery.elsewhere``.
    """
    grants = await grants_of(work, person_id)
    if not any(grant.town_id == town_id for grant in grants):
        raise Refusal("person.unknown")
    if any(grant.town_id != town_id for grant in grants):
        raise Refusal("recovery.elsewhere")
    return await get_person(work, person_id), grants


async def send_link(
    work: Work,
    keys: ServiceKeys,
    letters: Letterbox,
    person_id: PersonId,
    *,
    by: PersonId,
    now: datetime,
) -> str | None:
    """Make a link back in, and mail it to the person.

    :returns: the link, to be shown this once, where no mail is sent.
    """
    person, ends_at = await get_person(work, person_id), now + rules.RECOVERY
    token = await make_link(work, person_id, "recovery", by=by, ends_at=ends_at, now=now)
    url = letters.url("recovery", token)
    to = await email_of(work, keys, person_id)
    mail = recovery_mail(to, name=person.name, language=person.language, url=url, ends_at=ends_at)
    return await letters.send(work, keys, mail, url, now)


async def link_by_command(work: Work, person_id: PersonId, now: datetime) -> str:
    """Make a link back in for an operator, or for somebody whom no two persons of their town
    can help, and return its token.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``recovery.by_town`` where a town can.
    """
    grants = await grants_of(work, person_id)
    towns = {grant.town_id for grant in grants}
    if len(towns) == 1 and (town_id := towns.pop()) is not None:
        place = await get_place(work, town_id=town_id)
        if rules.has_two_others(await holders_at(work, place), person_id):
            raise Refusal("recovery.by_town", town=place.name)
    ends_at = now + rules.RECOVERY
    token = await make_link(work, person_id, "recovery", by=None, ends_at=ends_at, now=now)
    entry = Entry(
        action="recovery.link_made",
        author=SERVICE,
        subject=(await get_person(work, person_id)).name,
        after="Link für neuen Zugang",
        at=now,
    )
    await _log(work, person_id, entry)
    return token


async def find_returning(work: Work, keys: ServiceKeys, token: str, now: datetime) -> Returning:
    """Look at whom a link lets back in, without using it up.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``link.unknown``.
    """
    link = await find_link(work, "recovery", token, now)
    if link.person_id is None:
        raise Refusal("link.unknown")
    person = await get_person(work, link.person_id)
    if person.disabled_at is not None:
        raise Refusal("link.unknown")
    email = await email_of(work, keys, link.person_id)
    places = [grant.place for grant in await grants_of(work, link.person_id)]
    return Returning(person, email, places)


async def come_back(door: Doorkeeper, token: str, password: str, browser: str) -> str:
    """Use a link: the password is a new one, app, passkeys and sessions are gone.

    :returns: the token of a session; it waits for a new second factor where one is needed.
    :raises Refusal: ``link.unknown``, ``password.…``, ``service.busy``.
    """
    identity = door.database.acting(IDENTITY)
    async with identity.reading() as work:
        found = await find_returning(work, door.keys, token, door.now)
    check_password(password, (found.person.name, found.email, *found.places))
    password_hash = await hash_password(door.keys, password)
    person_id = found.person.id
    async with identity.unit_of_work() as work:
        await use_link(work, "recovery", token, door.now)
        await persons.change_person(
            work, person_id, password_hash=password_hash, sealed_totp=None, totp_used_step=None
        )
        await repository.remove_passkeys(work, person_id, door.now)
        await end_sessions(work, person_id, door.now)
        await persons.end_links(work, person_id, door.now)
        entry = Entry(
            action="recovery.used",
            author=Author(person_id, found.person.name),
            subject=found.person.name,
            after="neues Passwort; App, Passkeys und Anmeldungen entfernt",
            at=door.now,
        )
        await _log(work, person_id, entry)
        mail = recovered_mail(found.email, name=found.person.name, language=found.person.language)
        await enqueue(work, door.keys, mail, door.now)
        return await start_session(
            work, person_id, second_factor=False, browser=browser, now=door.now
        )


async def _log(work: Work, person_id: PersonId, entry: Entry) -> None:
    """Tell the log of every town and region in which the person has a role."""
    for chain_id in {grant.chain_id for grant in await grants_of(work, person_id)}:
        await record(work, chain_id, entry)
