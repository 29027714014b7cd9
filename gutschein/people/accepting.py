"""Accepting an invitation: with a new account, or with the one that somebody has.

Nobody but the holder of the link learns whether an address belongs to an account, and they
only by trying to open one. These steps open units of work of their own: none is held open
while a password waits for its turn to be hashed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.identity import repository as persons
from gutschein.identity.links import Link, find_link, use_link
from gutschein.identity.passkeys import list_passkeys
from gutschein.identity.password_rules import check_password
from gutschein.identity.passwords import hash_password
from gutschein.identity.persons import create_person, email_of, find_by_email, get_person
from gutschein.identity.roles import ROLE_NAMES, grant_role, grants_of
from gutschein.identity.sessions import Session, end_sessions, replace_session, start_session
from gutschein.identity.sign_in import Doorkeeper
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import PersonId
from gutschein.people import invitation_repository as invitations
from gutschein.people.invitations import Invitation, check_still_allowed, find_waiting
from gutschein.people.people import lock_people
from gutschein.signing.service_keys import ServiceKeys


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers, and to whom.

    :param invitation: ``None`` for somebody whom a command on the service's machine has
        given their role already.
    :param person_id: who has the address; ``None`` when nobody does yet.
    :param has_account: whether they can sign in.
    :param inviter: the name of who invited them; empty where a command did.
    :param roles: German words for each role, with the place it is for.
    """

    link: Link
    invitation: Invitation | None
    person_id: PersonId | None
    has_account: bool
    inviter: str
    name: str
    email: str = field(repr=False)
    roles: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody says of themselves who opens an account.

    :param browser: see :func:`gutschein.identity.sessions.browser_name`.
    """

    name: str
    language: Language
    browser: str


async def find_offer(work: Work, keys: ServiceKeys, token: str, now: datetime) -> Offer:
    """Look at what a link offers, without using it up.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``link.unknown``.
    """
    return await _offer(work, keys, await find_link(work, "invitation", token, now))


async def open_account(door: Doorkeeper, token: str, new: Newcomer, password: str) -> str:
    """Accept with a new account, and return the token of a session in it. Roles that need a
    second factor count once one is set up, which that session waits for.

    :raises Refusal: ``link.unknown``, ``invitation.account`` where there is an account,
        ``invitation.town_decides``, ``password.…``, ``service.busy``.
    """
    identity = door.database.acting(IDENTITY)
    async with identity.reading() as work:
        offer = await find_offer(work, door.keys, token, door.now)
    _require_no_account(offer)
    check_password(password, (new.name, offer.email, *(place for _, place in offer.roles)))
    password_hash = await hash_password(door.keys, password)
    async with identity.unit_of_work() as work:
        link = await use_link(work, "invitation", token, door.now)
        offer = await _offer(work, door.keys, link)
        person_id = await _newcomer(work, door, offer, new)
        await persons.change_person(work, person_id, password_hash=password_hash)
        await end_sessions(work, person_id, door.now)
        await _take_up(work, offer, person_id, door.now)
        return await start_session(
            work, person_id, second_factor=False, browser=new.browser, now=door.now
        )


async def begin_with_passkey(door: Doorkeeper, token: str, new: Newcomer) -> str:
    """Let somebody who is to have no password make a passkey first. The link stays good: the
    roles come with :func:`accept`, once there is something to sign in with.

    :returns: the token of a session of a person without any role.
    :raises Refusal: ``link.unknown``, ``invitation.account``.
    """
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        offer = await find_offer(work, door.keys, token, door.now)
        if offer.invitation is None:
            raise Refusal("link.unknown")
        person_id = await _newcomer(work, door, offer, new)
        return await start_session(
            work, person_id, second_factor=False, browser=new.browser, now=door.now
        )


async def accept(work: Work, keys: ServiceKeys, token: str, session: Session, now: datetime) -> str:
    """Accept with the account that somebody is signed in to, and return the token of the
    session that takes the place of this: more may be done in it.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``link.unknown``, ``invitation.other_person``,
        ``invitation.town_decides``, ``session.ended``.
    """
    link = await use_link(work, "invitation", token, now)
    offer = await _offer(work, keys, link)
    if offer.invitation is None or offer.person_id != session.person_id:
        raise Refusal("invitation.other_person")
    await _take_up(work, offer, session.person_id, now)
    return await replace_session(work, session, second_factor=session.second_factor, now=now)


async def _offer(work: Work, keys: ServiceKeys, link: Link) -> Offer:
    invitation: Invitation | None = None
    inviter = ""
    if link.invitation_id is not None:
        invitation = await find_waiting(work, keys, link.invitation_id)
        if invitation is None:
            raise Refusal("link.unknown")
        name, email = invitation.name, invitation.email
        inviter = (await get_person(work, invitation.invited_by)).name
        person_id = await find_by_email(work, keys, email)
        place = invitation.place.full_name
        roles = [(ROLE_NAMES[role], place) for role in invitation.roles]
    elif link.person_id is not None:
        person_id = link.person_id
        name = (await get_person(work, person_id)).name
        email = await email_of(work, keys, person_id)
        roles = [(ROLE_NAMES[g.role], g.place) for g in await grants_of(work, person_id)]
    else:
        raise AssertionError("the database holds no link to nothing")
    has_account = person_id is not None and await _can_sign_in(work, person_id)
    return Offer(link, invitation, person_id, has_account, inviter, name, email, roles)


async def _can_sign_in(work: Work, person_id: PersonId) -> bool:
    person = await get_person(work, person_id)
    return person.has_password or bool(await list_passkeys(work, person_id))


async def _newcomer(work: Work, door: Doorkeeper, offer: Offer, new: Newcomer) -> PersonId:
    """Return the person of an offer, made now or found without anything to sign in with.

    :raises Refusal: ``invitation.account``.
    """
    if offer.person_id is None:
        try:
            return await create_person(
                work,
                door.keys,
                name=new.name,
                email=offer.email,
                password=None,
                language=new.language,
                now=door.now,
            )
        except Refusal as refusal:
            raise _as_account(refusal) from refusal
    await persons.lock_person(work, offer.person_id)
    if await _can_sign_in(work, offer.person_id):
        raise Refusal("invitation.account")
    await persons.change_person(work, offer.person_id, name=new.name, language=new.language)
    return offer.person_id


def _as_account(refusal: Refusal) -> Refusal:
    """Say of an address that was taken at this very moment what is said of any taken one."""
    return Refusal("invitation.account") if refusal.code == "person.exists" else refusal


async def _take_up(work: Work, offer: Offer, person_id: PersonId, now: datetime) -> None:
    """Give the roles of an offer, and end other links: who can sign in needs none of them."""
    await persons.end_links(work, person_id, now)
    invitation = offer.invitation
    if invitation is None:
        return
    await lock_people(work, invitation.place)
    await check_still_allowed(work, invitation)
    if not await invitations.accept(work, invitation.id, person_id, now):
        raise Refusal("link.unknown")
    for role in invitation.roles:
        await grant_role(
            work, person_id, role, **invitation.place.scope, by=invitation.invited_by, now=now
        )
    person = await get_person(work, person_id)
    entry = Entry(
        action="invitation.accepted",
        author=Author(person_id, person.name),
        subject=invitation.name,
        after=invitation.words,
        at=now,
    )
    await record(work, invitation.place.chain_id, entry)


def _require_no_account(offer: Offer) -> None:
    if offer.has_account:
        raise Refusal("invitation.account")
