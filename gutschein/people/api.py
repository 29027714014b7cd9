"""People over HTTP: of a town, of a merchant, of a region; and who one is oneself."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from gutschein.identity.roles import grants_of
from gutschein.identity.visit import DOOR, OWN_SESSION, Own
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId
from gutschein.people.office import OFFICE, Office, PeopleOffice
from gutschein.people.place import Place
from gutschein.people.rules import By
from gutschein.people.schemas import (
    Invitation,
    Invited,
    Me,
    NewInvitation,
    NewMerchantInvitation,
    NewRegionInvitation,
    NewTownInvitation,
    OwnRole,
    People,
    PersonHere,
)
from gutschein.web.answers import answers
from gutschein.web.providers import Db
from gutschein.web.rights import Right, Role, needs

_ROLE_END = "/people/roles/{grant_id:uuid}/end"
_RETRACTION = "/people/invitations/{invitation_id:uuid}/retraction"
_TOWN = ("town.unknown",)
_MERCHANT = ("town.unknown", "merchant.unknown")
_REGION = ("region.unknown",)
_INVITING = ("email.invalid", "invitation.role", "limit.rate")
_ENDING = ("role.unknown", "role.own", "role.last")


@get("/people", responses=answers(*_TOWN), opt=needs(Right.PEOPLE_READ))
async def list_town_people(town_id: FromPath[TownId], office: Office) -> People:
    """List who has which role in a town, and who is invited."""
    return await _listed(office, await office.town(town_id))


@post(
    "/people",
    responses=answers(*_TOWN, *_INVITING, "invitation.needs_approval", "invitation.first_ones"),
    opt=needs(Right.PEOPLE_MANAGE),
)
async def invite_to_town(
    town_id: FromPath[TownId], data: JSONBody[NewTownInvitation], office: Office
) -> Invited:
    """Invite somebody to roles of a town."""
    return await _invited(office, await office.town(town_id), "town", data, data.roles)


@post(
    _ROLE_END,
    status_code=200,
    responses=answers(*_TOWN, *_ENDING),
    opt=needs(Right.PEOPLE_MANAGE),
)
async def end_town_role(
    town_id: FromPath[TownId], grant_id: FromPath[UUID], office: Office
) -> People:
    """Take a role of a town away, at once."""
    return await _ended(office, await office.town(town_id), grant_id)


@post(
    _RETRACTION,
    status_code=200,
    responses=answers(*_TOWN, "invitation.unknown"),
    opt=needs(Right.PEOPLE_MANAGE),
)
async def retract_town_invitation(
    town_id: FromPath[TownId], invitation_id: FromPath[UUID], office: Office
) -> People:
    """Retract an invitation to roles of a town."""
    return await _retracted(office, await office.town(town_id), invitation_id)


@get("/people", responses=answers(*_MERCHANT), opt=needs(Right.MERCHANT_PEOPLE_READ))
async def list_merchant_people(
    town_id: FromPath[TownId], merchant_id: FromPath[MerchantId], office: Office
) -> People:
    """List who has which role at a merchant, and who is invited."""
    return await _listed(office, await office.merchant(town_id, merchant_id))


@post("/people", responses=answers(*_MERCHANT, *_INVITING), opt=needs(Right.MERCHANT_PEOPLE_MANAGE))
async def invite_to_merchant(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    data: JSONBody[NewMerchantInvitation],
    office: Office,
) -> Invited:
    """Invite an owner or a cashier of a merchant."""
    place = await office.merchant(town_id, merchant_id)
    return await _invited(office, place, "merchant", data, data.roles)


@post(
    _ROLE_END,
    status_code=200,
    responses=answers(*_MERCHANT, "role.unknown", "role.own"),
    opt=needs(Right.MERCHANT_PEOPLE_MANAGE),
)
async def end_merchant_role(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    grant_id: FromPath[UUID],
    office: Office,
) -> People:
    """Take a role at a merchant away, at once."""
    return await _ended(office, await office.merchant(town_id, merchant_id), grant_id)


@post(
    _RETRACTION,
    status_code=200,
    responses=answers(*_MERCHANT, "invitation.unknown"),
    opt=needs(Right.MERCHANT_PEOPLE_MANAGE),
)
async def retract_merchant_invitation(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    invitation_id: FromPath[UUID],
    office: Office,
) -> People:
    """Retract an invitation to roles at a merchant."""
    return await _retracted(office, await office.merchant(town_id, merchant_id), invitation_id)


@get("/people", responses=answers(*_REGION), opt=needs(Right.REGION_PEOPLE_MANAGE))
async def list_region_people(region_id: FromPath[RegionId], office: Office) -> People:
    """List a region's operators, and who is invited to be one."""
    return await _listed(office, await office.region(region_id))


@post(
    "/people",
    responses=answers(*_REGION, "town.unknown", *_INVITING, "invitation.town_decides"),
    opt=needs(Right.REGION_PEOPLE_MANAGE),
)
async def invite_to_region(
    region_id: FromPath[RegionId], data: JSONBody[NewRegionInvitation], office: Office
) -> Invited:
    """Invite an operator of a region, or the first administrator or approver of a town of it.

    A town that has had both decides on further ones by itself.
    """
    if data.town_id is None:
        return await _invited(office, await office.region(region_id), "operator", data, data.roles)
    town = await office.town(TownId(data.town_id), within=region_id)
    return await _invited(office, town, "operator_for_town", data, data.roles)


@post(
    _ROLE_END,
    status_code=200,
    responses=answers(*_REGION, *_ENDING),
    opt=needs(Right.REGION_PEOPLE_MANAGE),
)
async def end_region_role(
    region_id: FromPath[RegionId], grant_id: FromPath[UUID], office: Office
) -> People:
    """Take the operator's role away, at once."""
    return await _ended(office, await office.region(region_id), grant_id)


@post(
    _RETRACTION,
    status_code=200,
    responses=answers(*_REGION, "invitation.unknown"),
    opt=needs(Right.REGION_PEOPLE_MANAGE),
)
async def retract_region_invitation(
    region_id: FromPath[RegionId], invitation_id: FromPath[UUID], office: Office
) -> People:
    """Retract an invitation to operate a region."""
    return await _retracted(office, await office.region(region_id), invitation_id)


@get(
    "/api/v1/me",
    opt=needs(Right.ACCOUNT_OWN),
    tags=["People"],
    dependencies=DOOR | OWN_SESSION,
)
async def get_me(database: Db, session: Own) -> Me:
    """Return who one is, what one may do where, and what unsafe calls must carry."""
    async with database.reading() as work:
        grants = await grants_of(work, PersonId(session.person_id))
    return Me(
        id=session.person_id,
        name=session.name,
        language=session.language,
        second_factor=session.second_factor,
        roles=[OwnRole.of(grant) for grant in grants],
        csrf_token=session.csrf_token,
    )


async def _listed(office: PeopleOffice, place: Place) -> People:
    people, invited = await office.overview(place)
    return People(
        [PersonHere.of(each) for each in people], [Invitation.of(each) for each in invited]
    )


async def _invited(
    office: PeopleOffice, place: Place, by: By, data: NewInvitation, roles: Sequence[str]
) -> Invited:
    made, link = await office.invite(
        place, by, name=data.name, email=data.email, roles=[Role(role) for role in roles]
    )
    return Invited(invitation=Invitation.of(made), link=link)


async def _ended(office: PeopleOffice, place: Place, grant_id: UUID) -> People:
    await office.take_away(place, grant_id)
    return await _listed(office, place)


async def _retracted(office: PeopleOffice, place: Place, invitation_id: UUID) -> People:
    await office.retract(place, invitation_id)
    return await _listed(office, place)


_of_town = Router(
    "/towns/{town_id:uuid}",
    route_handlers=[list_town_people, invite_to_town, end_town_role, retract_town_invitation],
)
_of_merchant = Router(
    "/towns/{town_id:uuid}/merchants/{merchant_id:uuid}",
    route_handlers=[
        list_merchant_people,
        invite_to_merchant,
        end_merchant_role,
        retract_merchant_invitation,
    ],
)
_of_region = Router(
    "/regions/{region_id:uuid}",
    route_handlers=[
        list_region_people,
        invite_to_region,
        end_region_role,
        retract_region_invitation,
    ],
)
people_router = Router(
    "/api/v1",
    route_handlers=[_of_town, _of_merchant, _of_region],
    dependencies=OFFICE,
    tags=["People"],
)
router = Router("/", route_handlers=[people_router, get_me])
