"""The pages of people: who works in a town, at a merchant, for a region; invite, take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from msgspec import Struct

from gutschein.approvals import service as approvals
from gutschein.approvals.api import AtDesk
from gutschein.approvals.kinds import Terms
from gutschein.approvals.pages import path_of as approval_path
from gutschein.approvals.schemas import Reason
from gutschein.approvals.service import Wanted
from gutschein.db.access import Access
from gutschein.identity.roles import ROLE_NAMES
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RegionId, TownId
from gutschein.people.at_place import (
    AT_MERCHANT,
    AT_REGION,
    AT_TOWN,
    MERCHANT_PATH,
    REGION_PATH,
    TOWN_PATH,
    AnyResponse,
    At,
    AtPlace,
    merchant_path,
    path_of,
)
from gutschein.people.kinds import Recovery, RoleGrant
from gutschein.people.office import OFFICE, AnyRequest, Office
from gutschein.people.rules import By
from gutschein.people.schemas import Email, InvitedName
from gutschein.web.entered import Entered
from gutschein.web.forms import read_form
from gutschein.web.pages import page, see_other
from gutschein.web.rights import Right, Role, needs
from gutschein.web.words import german, words

_INVITATION = "people/invite.html"
_RECOVERY = "people/ask_for_recovery.html"
_ROLE = "/aufgaben/{grant_id:uuid}/nehmen"
_PERSON = TOWN_PATH + "/{person_id:uuid}/wiederherstellung"

#: What each role is there for, on the page that gives it.
ROLE_TASKS = {
    Role.OPERATOR: german("eröffnet Städte und verrechnet sie miteinander"),
    Role.ADMINISTRATOR: german("Verträge, Abrechnungen, Personen"),
    Role.APPROVER: german("gibt frei, was andere beantragen"),
    Role.CLERK: german("gibt Gutscheine aus"),
    Role.AUDITOR: german("sieht alles, ändert nichts"),
    Role.OWNER: german("Geräte, Kassenkräfte und Bankverbindung der Akzeptanzstelle"),
    Role.CASHIER: german("nimmt Gutscheine an"),
}
_OFFERED: Mapping[By, Sequence[Role]] = {
    "town": (Role.CLERK, Role.AUDITOR, Role.ADMINISTRATOR, Role.APPROVER),
    "merchant": (Role.OWNER, Role.CASHIER),
    "operator": (Role.OPERATOR,),
}
_FIRST_ONES = (Role.ADMINISTRATOR, Role.APPROVER)


class InvitationForm(Struct, frozen=True):
    """The form of an invitation.

    :param reason: where two persons decide.
    :param town_id: of a region's town that gets its first people.
    """

    name: InvitedName
    email: Email
    roles: list[Role]
    reason: Reason = ""
    town_id: UUID | None = None


class RecoveryForm(Struct, frozen=True):
    """The form of a request to let somebody back in."""

    reason: Reason


@get("/personen", opt=needs(Right.PEOPLE_FIND))
async def choose_place(request: AnyRequest, office: Office) -> AnyResponse:
    """Lead to the people of the reader's place, or show the places."""
    caller = office.caller
    region_ids = {each.region_id for each in caller.holding(Right.REGION_PEOPLE_MANAGE)}
    shops = [
        (each.town_id, each.merchant_id)
        for each in caller.holding(Right.MERCHANT_PEOPLE_READ)
        if each.town_id and each.merchant_id
    ]
    places = [
        *[await office.region(region_id) for region_id in sorted(filter(None, region_ids))],
        *[await office.town(each) for each in sorted(caller.towns_with(Right.PEOPLE_READ))],
        *[await office.merchant(*shop) for shop in shops],
    ]
    if len(places) == 1:
        return see_other(path_of(places[0]))
    return page(request, "people/choose.html", places=[(p.full_name, path_of(p)) for p in places])


async def show_people(at: At, erledigt: FromQuery[str] = "") -> Response[str]:
    """Show who works here.

    :param erledigt: what was just done, to say so.
    """
    people, invited = await at.office.overview(at.place)
    merchants: list[tuple[UUID, str, int]] = []
    beginners: list[tuple[UUID, str]] = []
    if at.by == "town":
        merchants = await at.office.merchants(TownId(at.place.id))
    if at.by == "operator":
        beginners = await at.office.beginning_towns(RegionId(at.place.id))
    return at.show(
        "people/people.html",
        people=people,
        invitations=invited,
        merchants=merchants,
        beginners=beginners,
        merchant_path=merchant_path,
        done=erledigt,
    )


async def show_invitation(at: At, stadt: FromQuery[UUID | None] = None) -> Response[str]:
    """Ask whom to invite to what.

    :param stadt: of a region's town that gets its first people.
    """
    return at.show(_INVITATION, **await _invitation_values(at, stadt))


async def invite(at: At, desk: AtDesk) -> AnyResponse:
    """Invite somebody, or ask the second person to."""
    form: InvitationForm | None = None
    try:
        form = await read_form(at.request, InvitationForm)
        if missing := await _missing(at, form):
            values = await _invitation_values(at, form.town_id)
            return at.show(_INVITATION, 422, entered=missing, **values)
        if at.by == "town" and await at.office.needs_approval(TownId(at.place.id), form.roles):
            roles: Any = [role.value for role in form.roles]
            terms = RoleGrant(name=form.name, email=form.email, roles=roles)
            return await _ask(at, desk, terms, form.reason)
        place, by = at.place, at.by
        if by == "operator" and form.town_id is not None:
            place = await at.office.town(TownId(form.town_id), within=RegionId(at.place.id))
            by = "operator_for_town"
        made, link = await at.office.invite(
            place, by, name=form.name, email=form.email, roles=form.roles
        )
    except Refusal as refusal:
        values = await _invitation_values(at, form.town_id if form else None)
        field = {"email.invalid": "email", "invitation.role": "roles"}.get(refusal.code, "")
        return at.show_again(_INVITATION, refusal, form, field=field, **values)
    if link is None:
        return at.done("eingeladen")
    return at.show("people/invited.html", made=made, link=link)


async def retract(at: At, invitation_id: FromPath[UUID]) -> Redirect:
    """Retract an invitation."""
    await at.office.retract(at.place, invitation_id)
    return at.done("zurueckgezogen")


async def show_role(at: At, grant_id: FromPath[UUID]) -> Response[str]:
    """Ask once more before a role is taken away."""
    return at.show("people/take_away.html", **await _held(at, grant_id))


async def take_away(at: At, grant_id: FromPath[UUID]) -> AnyResponse:
    """Take a role away."""
    held = await _held(at, grant_id)
    try:
        await at.office.take_away(at.place, grant_id)
    except Refusal as refusal:
        return at.show_again("people/take_away.html", refusal, **held)
    return at.done("genommen")


@get(_PERSON, opt=needs(Right.PEOPLE_MANAGE))
async def show_recovery(at: At, person_id: FromPath[UUID]) -> Response[str]:
    """Ask why somebody is to be let back in."""
    name = await at.office.name_in_town(TownId(at.place.id), person_id)
    return at.show(_RECOVERY, name=name, person_id=person_id)


@post(_PERSON, opt=needs(Right.PEOPLE_MANAGE), status_code=303)
async def ask_for_recovery(at: At, person_id: FromPath[UUID], desk: AtDesk) -> AnyResponse:
    """Ask the second person to let somebody back in."""
    name = await at.office.name_in_town(TownId(at.place.id), person_id)
    form: RecoveryForm | None = None
    try:
        form = await read_form(at.request, RecoveryForm)
        return await _ask(at, desk, Recovery(person_id=person_id), form.reason)
    except Refusal as refusal:
        return at.show_again(_RECOVERY, refusal, form, name=name, person_id=person_id)


async def _ask(at: AtPlace, desk: AtDesk, terms: Terms, reason: str) -> Redirect:
    """Ask for what needs a second person, and lead to the request."""
    office, town_id = at.office, TownId(at.place.id)
    async with office.database.acting(Access.town(town_id)).unit_of_work() as work:
        request, _ = await approvals.request_approval(
            work,
            desk,
            town_id,
            Wanted(id=None, terms=terms, reason=reason),
            caller=office.caller,
            now=office.now,
        )
    return see_other(approval_path(town_id, request.id))


async def _missing(at: AtPlace, form: InvitationForm) -> Entered | None:
    """Say what a form lacks that its struct cannot know of."""
    _, errors = words(at.request), {}
    if not form.roles:
        errors["roles"] = _("Bitte mindestens eine Aufgabe wählen.")
    by_two = at.by == "town" and await at.office.needs_approval(TownId(at.place.id), form.roles)
    if by_two and not form.reason:
        errors["reason"] = _("Bitte ausfüllen: Darüber entscheidet eine zweite Person.")
    values: dict[str, str | list[str]] = {"name": form.name, "email": form.email}
    values |= {"roles": [role.value for role in form.roles], "reason": form.reason}
    return Entered(values, errors) if errors else None


async def _invitation_values(at: AtPlace, town_id: UUID | None) -> dict[str, Any]:
    _ = words(at.request)
    first: str | None = None
    roles: Sequence[Role] = _OFFERED[at.by]
    if at.by == "operator" and town_id is not None:
        first = (await at.office.town(TownId(town_id), within=RegionId(at.place.id))).name
        roles = _FIRST_ONES
    asks = at.by == "town" and await at.office.needs_approval(TownId(at.place.id), _FIRST_ONES)
    if at.by == "town" and not asks:
        roles = [role for role in roles if role not in _FIRST_ONES]
    return {
        "choices": [
            (role.value, f"{_(ROLE_NAMES[role])}: {_(ROLE_TASKS[role])}") for role in roles
        ],
        "first_of": first,
        "first_id": town_id if first else None,
        "asks_second": asks,
    }


async def _held(at: AtPlace, grant_id: UUID) -> dict[str, Any]:
    """:raises Refusal: ``role.unknown``."""
    people, _ = await at.office.overview(at.place)
    for colleague in people:
        for held in colleague.roles:
            if held.id == grant_id:
                return {"colleague": colleague, "held": held}
    raise Refusal("role.unknown")


def _handlers(path: str, read: Right, manage: Right) -> list[HTTPRouteHandler]:
    managing, done = needs(manage), path + "/einladungen/{invitation_id:uuid}/zurueckziehen"
    return [
        get(path, opt=needs(read))(show_people),
        get(f"{path}/einladen", opt=managing)(show_invitation),
        post(f"{path}/einladen", opt=managing, status_code=200)(invite),
        post(done, opt=managing, status_code=303)(retract),
        get(path + _ROLE, opt=managing)(show_role),
        post(path + _ROLE, opt=managing, status_code=303)(take_away),
    ]


_town = Router(
    "/",
    route_handlers=[
        *_handlers(TOWN_PATH, Right.PEOPLE_READ, Right.PEOPLE_MANAGE),
        show_recovery,
        ask_for_recovery,
    ],
    dependencies=AT_TOWN,
)
_merchant = Router(
    "/",
    route_handlers=_handlers(
        MERCHANT_PATH, Right.MERCHANT_PEOPLE_READ, Right.MERCHANT_PEOPLE_MANAGE
    ),
    dependencies=AT_MERCHANT,
)
_region = Router(
    "/",
    route_handlers=_handlers(REGION_PATH, Right.REGION_PEOPLE_MANAGE, Right.REGION_PEOPLE_MANAGE),
    dependencies=AT_REGION,
)
router = Router(
    "/",
    route_handlers=[choose_place, _town, _merchant, _region],
    dependencies=OFFICE,
    include_in_schema=False,
)
