"""People and invitations, as the API takes and gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from msgspec import Meta, Struct

from gutschein.identity.roles import RoleGrant
from gutschein.kernel.errors import Language
from gutschein.people import people
from gutschein.people.invitations import Invitation as Made
from gutschein.web.fields import Id, Input, known_as, line
from gutschein.web.rights import Role

TownRole = Literal["administrator", "approver", "clerk", "auditor"]
MerchantRole = Literal["owner", "cashier"]
RegionRole = Literal["operator", "administrator", "approver"]

PersonRole = Literal[
    "operator", "administrator", "approver", "clerk", "auditor", "owner", "cashier"
]
_NAMES: Mapping[Role, PersonRole] = {Role(name): name for name in get_args(PersonRole)}

InvitedName = Annotated[str, line(80, "Name, as colleagues know them.", "Erika Muster")]
Email = Annotated[str, line(254, "E-mail address.", "erika.muster@rathaus.example")]
TownRoles = Annotated[
    list[TownRole], Meta(min_length=1, max_length=4, description="Roles.", examples=[["clerk"]])
]
MerchantRoles = Annotated[
    list[MerchantRole],
    Meta(min_length=1, max_length=2, description="Roles.", examples=[["cashier"]]),
]
RegionRoles = Annotated[
    list[RegionRole],
    Meta(
        min_length=1,
        max_length=2,
        description="`operator`, or with a town its first `administrator` and `approver`.",
        examples=[["operator"]],
    ),
]
At = Annotated[datetime, known_as("When, in UTC.", "2026-11-02T08:30:00Z")]


class NewInvitation(Input, frozen=True, kw_only=True):
    """Whom to invite."""

    name: InvitedName
    email: Email


class NewTownInvitation(NewInvitation, frozen=True, kw_only=True):
    """Whom to invite to which roles of a town. Administrators and approvers are asked for as a
    request of the kind `role_grant`.
    """

    roles: TownRoles


class NewMerchantInvitation(NewInvitation, frozen=True, kw_only=True):
    """Whom to invite to which roles at a merchant."""

    roles: MerchantRoles


class NewRegionInvitation(NewInvitation, frozen=True, kw_only=True):
    """Whom to invite to operate the region, or to be a town's first administrator or approver."""

    roles: RegionRoles
    town_id: Annotated[UUID | None, known_as("For a town's roles.", None)] = None


class RoleHeld(Struct, frozen=True, kw_only=True):
    """A role that somebody holds here."""

    id: Id
    role: Annotated[PersonRole, known_as("Which.", "clerk")]
    since: At


class PersonHere(Struct, frozen=True, kw_only=True):
    """Somebody with a role here."""

    id: Id
    name: InvitedName
    roles: list[RoleHeld]
    has_second_factor: Annotated[
        bool, known_as("Whether an authenticator or a passkey is set up.", example=True)
    ]
    signed_in_at: Annotated[
        datetime | None,
        known_as(
            "When they last signed in, in UTC; null for never, or long ago.",
            "2026-11-02T08:30:00Z",
        ),
    ]

    @classmethod
    def of(cls, colleague: people.Colleague) -> PersonHere:
        return cls(
            id=colleague.id,
            name=colleague.name,
            roles=[
                RoleHeld(id=held.id, role=_NAMES[held.role], since=held.since)
                for held in colleague.roles
            ],
            has_second_factor=colleague.has_second_factor,
            signed_in_at=colleague.signed_in_at,
        )


class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation that can be accepted until it ends."""

    id: Id
    name: InvitedName
    roles: Annotated[list[PersonRole], known_as("To what.", ["clerk"])]
    invited_by: Id
    invited_by_name: InvitedName
    invited_at: At
    ends_at: Annotated[datetime, known_as("Until when, in UTC.", "2026-11-05T08:30:00Z")]

    @classmethod
    def of(cls, made: Made) -> Invitation:
        return cls(
            id=made.id,
            name=made.name,
            roles=[_NAMES[role] for role in made.roles],
            invited_by=made.invited_by,
            invited_by_name=made.inviter_name,
            invited_at=made.invited_at,
            ends_at=made.ends_at,
        )


class People(Struct, frozen=True):
    """Who works here, by name, and who is invited, the latest first."""

    people: list[PersonHere]
    invitations: list[Invitation]


class Invited(Struct, frozen=True, kw_only=True):
    """An invitation that was made."""

    invitation: Invitation
    link: Annotated[
        str | None,
        known_as("Where no mail is sent: the link to hand over, shown this once.", None),
    ]


class OwnRole(Struct, frozen=True, kw_only=True):
    """A role of one's own, and what it is for."""

    role: Annotated[PersonRole, known_as("Which.", "clerk")]
    region_id: UUID | None
    town_id: UUID | None
    merchant_id: UUID | None
    place: Annotated[str, known_as("What it is for.", "Zwönitz")]
    since: At

    @classmethod
    def of(cls, grant: RoleGrant) -> OwnRole:
        return cls(
            role=_NAMES[grant.role],
            region_id=grant.region_id,
            town_id=grant.town_id,
            merchant_id=grant.merchant_id,
            place=grant.place,
            since=grant.granted_at,
        )


class Me(Struct, frozen=True, kw_only=True):
    """Whose session this is."""

    id: Id
    name: InvitedName
    language: Annotated[Language, known_as("Of pages and mails.", "de")]
    second_factor: Annotated[
        bool, known_as("Whether two factors were shown in this session.", example=True)
    ]
    roles: list[OwnRole]
    csrf_token: Annotated[
        str,
        known_as("What changes anything sends this, as `x-csrf-token`.", "6f1c…"),
    ]
