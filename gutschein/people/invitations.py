"""Invitations: made, retracted, and looked at by whoever holds the link.

Whether an address belongs to somebody already is looked up when an invitation is accepted,
never when it is made. So inviting answers alike, and takes as long, for known and unknown
addresses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.identity.links import make_invitation_link
from gutschein.identity.persons import email_hash, get_person
from gutschein.identity.roles import grants_of
from gutschein.identity.rules import INVITATION, normal_email
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId, new_id
from gutschein.people import invitation_repository as invitations
from gutschein.people import repository, rules
from gutschein.people.letters import Letterbox, invitation_mail
from gutschein.people.place import Place, get_place
from gutschein.signing.sealing import place as sealed_place
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.rights import Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that waits.

    :param email: as it was invited; for whoever may manage people there.
    """

    id: UUID
    name: str
    email: str = field(repr=False)
    roles: list[Role]
    place: Place
    invited_by: PersonId
    inviter_name: str
    approved_by: PersonId | None
    invited_at: datetime
    ends_at: datetime

    @property
    def words(self) -> str:
        """The roles and what they are for, in German."""
        return self.place.words(self.roles)


async def invite(
    work: Work,
    keys: ServiceKeys,
    letters: Letterbox,
    place: Place,
    *,
    name: str,
    email: str,
    roles: Iterable[Role],
    by: Author,
    approved_by: Author | None = None,
    now: datetime,
) -> tuple[Invitation, str | None]:
    """Invite somebody to roles in a place. An earlier invitation of theirs there ends.

    Whether *by* may do so is for the caller to see to.

    :param work: acting as ``IDENTITY``.
    :returns: the invitation, and its link where no mail is sent.
    :raises Refusal: ``email.invalid``.
    """
    if by.id is None:
        raise AssertionError("a person invites")
    inviter_id, email = PersonId(by.id), normal_email(email)
    hashed = email_hash(keys, email)
    for earlier in await invitations.waiting_ids(work, place.scope, hashed):
        await invitations.retract(work, earlier, inviter_id, now)
    made = Invitation(
        id=new_id(),
        name=name,
        email=email,
        roles=rules.in_order(roles),
        place=place,
        invited_by=inviter_id,
        inviter_name=by.name,
        approved_by=None
        if approved_by is None or approved_by.id is None
        else PersonId(approved_by.id),
        invited_at=now,
        ends_at=now + INVITATION,
    )
    row = {"id": made.id, "name": name, "email_hash": hashed, "roles": made.roles}
    row |= {"sealed_email": keys.seal("contact", email.encode(), _email_place(made.id))}
    row |= {"invited_by": inviter_id, "approved_by": made.approved_by}
    row |= {"invited_at": now, "ends_at": made.ends_at, **place.scope}
    await invitations.insert_invitation(work, row)
    token = await make_invitation_link(work, made.id, by=inviter_id, ends_at=made.ends_at, now=now)
    await _log(work, "invitation.made", made, by, now)
    url = letters.url("invitation", token)
    mail = invitation_mail(
        email, name=name, inviter=by.name, words=made.words, url=url, ends_at=made.ends_at
    )
    return made, await letters.send(work, keys, mail, url, now)


async def retract(
    work: Work,
    keys: ServiceKeys,
    places: Collection[Place],
    invitation_id: UUID,
    *,
    by: Author,
    now: datetime,
) -> None:
    """Retract an invitation of one of these places; its link leads nowhere from now on.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``invitation.unknown``.
    """
    found = await find_waiting(work, keys, invitation_id)
    if found is None or found.place not in places or by.id is None:
        raise Refusal("invitation.unknown")
    if not await invitations.retract(work, invitation_id, PersonId(by.id), now):
        raise Refusal("invitation.unknown")
    await _log(work, "invitation.retracted", found, by, now)


async def open_invitations(
    work: Work, keys: ServiceKeys, place: Place, now: datetime
) -> list[Invitation]:
    """Return the invitations of a place that can be accepted now, the newest first."""
    rows = await invitations.open_invitations(work, place.scope, now)
    return [_invitation(keys, row, place, row.inviter_name) for row in rows]


async def find_waiting(work: Work, keys: ServiceKeys, invitation_id: UUID) -> Invitation | None:
    """Return an invitation that was neither accepted nor retracted, and keeps its address."""
    row = await invitations.find_invitation(work, invitation_id)
    if row is None or row.sealed_email is None:
        return None
    place = await get_place(
        work,
        region_id=row.region_id and RegionId(row.region_id),
        town_id=row.town_id and TownId(row.town_id),
        merchant_id=row.merchant_id and MerchantId(row.merchant_id),
    )
    return _invitation(keys, row, place, "")


async def check_still_allowed(work: Work, invitation: Invitation) -> None:
    """Check, when an invitation is accepted, that it could still be made: whoever made it may
    still invite there, and a town that decides for itself by now takes nobody unapproved.

    :param work: acting as ``IDENTITY``, holding the lock on the place's people.
    :raises Refusal: ``link.unknown``, ``invitation.town_decides``.
    """
    inviter = await get_person(work, invitation.invited_by)
    grants = await grants_of(work, invitation.invited_by)
    if inviter.disabled_at or not any(invitation.place.is_managed_by(each) for each in grants):
        raise Refusal("link.unknown")
    town_id = invitation.place.town_id
    if town_id is None or rules.BY_TWO.isdisjoint(invitation.roles) or invitation.approved_by:
        return
    if rules.is_complete(await roles_ever(work, town_id)):
        raise Refusal("invitation.town_decides")


async def roles_ever(work: Work, town_id: TownId) -> frozenset[Role]:
    """Return the roles of a town that somebody holds or has held."""
    return frozenset(Role(role) for role in await repository.roles_ever(work, town_id))


async def forget_addresses(work: Work, now: datetime) -> int:
    """Forget addresses of invitations that nobody accepted; return how many. Daily will do."""
    return await invitations.forget_addresses(work, now - rules.REMEMBERED)


def _invitation(keys: ServiceKeys, row: Row[Any], place: Place, inviter_name: str) -> Invitation:
    email = keys.unseal("contact", bytes(row.sealed_email), _email_place(row.id)).decode()
    return Invitation(
        id=row.id,
        name=row.name,
        email=email,
        roles=[Role(role) for role in row.roles],
        place=place,
        invited_by=PersonId(row.invited_by),
        inviter_name=inviter_name,
        approved_by=row.approved_by,
        invited_at=row.invited_at,
        ends_at=row.ends_at,
    )


async def _log(
    work: Work, action: str, invitation: Invitation, author: Author, now: datetime
) -> None:
    is_made = action == "invitation.made"
    entry = Entry(
        action=action,
        author=author,
        subject=invitation.name,
        before=None if is_made else invitation.words,
        after=invitation.words if is_made else None,
        at=now,
    )
    await record(work, invitation.place.chain_id, entry)


def _email_place(invitation_id: UUID) -> bytes:
    return sealed_place("invitation", "sealed_email", invitation_id)
