"""What two persons of a town decide about people: who administers and approves, and who gets
back in.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import Meta

from gutschein.approvals.kinds import Case, Described, Done, Kind, Terms
from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Work
from gutschein.identity.persons import find_by_email
from gutschein.identity.roles import ROLE_NAMES
from gutschein.identity.rules import normal_email
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId, derived_id
from gutschein.people import invitations, rules
from gutschein.people.letters import Letterbox
from gutschein.people.people import lock_people
from gutschein.people.place import get_place
from gutschein.people.recovery import roles_to_recover, send_link
from gutschein.people.schemas import Email, InvitedName, TownRole
from gutschein.web.fields import Id, known_as
from gutschein.web.rights import Right, Role
from gutschein.web.words import german


class RoleGrant(Terms, frozen=True, kw_only=True, tag="role_grant"):
    """Somebody who is to be invited to roles of the town, administrator and approver too."""

    name: InvitedName
    email: Email
    roles: Annotated[
        list[TownRole],
        Meta(min_length=1, max_length=4, description="Roles.", examples=[["approver"]]),
    ]


class Recovery(Terms, frozen=True, kw_only=True, tag="recovery"):
    """Somebody of the town who lost all that they sign in with."""

    person_id: Annotated[Id, known_as("Who.", "01938f6e-5c00-7cc3-98c4-dc0c0c07398f")]


def role_grant_kind(letters: Letterbox) -> Kind[RoleGrant]:
    """Return the kind of request for roles that two persons give."""
    return Kind(
        terms=RoleGrant,
        title=german("Verwaltung oder Freigabe vergeben"),
        right=Right.PEOPLE_MANAGE,
        describe=_describe_grant,
        execute=partial(_grant, letters),
        access=IDENTITY,
    )


def recovery_kind(letters: Letterbox) -> Kind[Recovery]:
    """Return the kind of request for a way back in."""
    return Kind(
        terms=Recovery,
        title=german("Zugang wiederherstellen"),
        right=Right.PEOPLE_MANAGE,
        describe=_describe_recovery,
        execute=partial(_recover, letters),
        access=IDENTITY,
    )


async def _describe_grant(work: Work, case: Case, terms: RoleGrant) -> Described:
    place = await get_place(work, town_id=case.town_id)
    roles = rules.in_order(Role(role) for role in terms.roles)
    rules.check_approvable(roles, await invitations.roles_ever(work, case.town_id))
    email = normal_email(terms.email)
    hashed = case.keys.hmac("lookup", b"role_grant\0" + case.town_id.bytes + email.encode())
    return Described(
        subject_id=derived_id(case.town_id, hashed.hex()),
        summary=f"{terms.name} ({rules.masked(email)}) einladen: {place.words(roles)}.",
        person_id=await find_by_email(work, case.keys, email),
    )


async def _grant(
    letters: Letterbox, work: Work, case: Case, terms: RoleGrant, approver: Author
) -> Done:
    await _describe_grant(work, case, terms)
    place = await get_place(work, town_id=case.town_id)
    made, link = await invitations.invite(
        work,
        case.keys,
        letters,
        place,
        name=terms.name,
        email=terms.email,
        roles=[Role(role) for role in terms.roles],
        by=case.requested_by,
        approved_by=approver,
        now=case.now,
    )
    return Done(after=f"eingeladen: {made.words}", shown_once=link)


async def _describe_recovery(work: Work, case: Case, terms: Recovery) -> Described:
    person_id = PersonId(terms.person_id)
    if case.requested_by.id == person_id:
        raise Refusal("approval.own_rights")
    person, grants = await roles_to_recover(work, case.town_id, person_id)
    roles = ", ".join(dict.fromkeys(ROLE_NAMES[grant.role] for grant in grants))
    return Described(
        subject_id=person_id,
        summary=f"{person.name} ({roles}) hat alles verloren, womit man sich anmeldet, und"
        " bekommt einen Link für einen neuen Zugang. Passwort, App und Passkeys gelten dann"
        " nicht mehr.",
        person_id=person_id,
    )


async def _recover(
    letters: Letterbox, work: Work, case: Case, terms: Recovery, _approver: Author
) -> Done:
    await lock_people(work, await get_place(work, town_id=case.town_id))
    await _describe_recovery(work, case, terms)
    if case.requested_by.id is None:
        raise AssertionError("a person asks")
    link = await send_link(
        work,
        case.keys,
        letters,
        PersonId(terms.person_id),
        by=PersonId(case.requested_by.id),
        now=case.now,
    )
    return Done(after="Link für neuen Zugang", shown_once=link)
