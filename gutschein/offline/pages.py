"""What a town allows without a net, as a page: the rule in words, its form, what is disputed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta, Struct

from gutschein.db.access import NOTHING
from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.money import written_euros
from gutschein.offline import listing
from gutschein.offline.resolving import resolve_claim
from gutschein.offline.rules import LARGEST_LIMIT_CENTS, Terms
from gutschein.offline.terms import set_terms
from gutschein.offline.terms_repository import list_terms
from gutschein.towns.service import get_town
from gutschein.web.caller import Caller
from gutschein.web.fields import known_as, line
from gutschein.web.forms import Fault, FormRefusal, filled_with, form_again, read_form
from gutschein.web.language import reading_language
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs
from gutschein.web.words import german, words

AnyRequest = Request[Any, Any, Any]

#: What the form offers, in minutes and words.
OUTAGES = {
    30: german("30 Minuten"),
    60: german("1 Stunde"),
    120: german("2 Stunden"),
    240: german("4 Stunden"),
    480: german("8 Stunden"),
    720: german("12 Stunden"),
    1_440: german("24 Stunden"),
}
_RANGE = german("Bitte einen Betrag zwischen 0,01 € und 100.000 € eingeben.")
_BELOW = german("Je Gerät muss mindestens so viel erlaubt sein wie je Gutschein.")

_TEMPLATE = "offline/offline.html"
_CLAIM_TEMPLATE = "offline/claim.html"
_PATH = "/stadt/{town_id:uuid}/offline"
_CLAIM = _PATH + "/{claim_id:uuid}"

Euros = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,6}(?:[.,][0-9]{2})?(?: ?€)?$(?!\n)",
        description="Euros, as people write them.",
        examples=["20,00"],
    ),
]


class TermsForm(Struct, frozen=True, kw_only=True):
    """The form of a town's terms."""

    voucher: Euros
    device: Euros
    outage_minutes: Annotated[int, Meta(ge=1, le=1_440, examples=[240])]
    bearer: Annotated[Literal["merchant", "town"], known_as("Who bears it.", "merchant")]
    enabled: Annotated[bool, known_as("Whether anything may be taken.", example=True)] = False


class Resolution(Struct, frozen=True):
    """The form that says how the town has made a claim good."""

    how: Annotated[
        str, line(300, "How the town has made it good.", "Überweisung vom 2. Dezember 2026")
    ]


@get("/offline", opt=needs(Right.ACCOUNT_OWN))
async def choose_town(request: AnyRequest, database: Db, caller: Who) -> Response[str] | Redirect:
    """Lead to the page of the reader's town, or show the towns."""
    town_ids = sorted(caller.towns_with(Right.TOWN_READ))
    if len(town_ids) == 1:
        return see_other(path_of(town_ids[0]))
    async with database.acting(NOTHING).reading() as work:
        towns = [await get_town(work, town_id) for town_id in town_ids]
    places = sorted((town.name, path_of(TownId(town.id))) for town in towns)
    return page(request, "offline/choose.html", places=places)


@get(_PATH, opt=needs(Right.TOWN_READ))
async def show_offline(
    request: AnyRequest, town_id: FromPath[TownId], database: Db, caller: Who, now: Now
) -> Response[str]:
    """Show what the town's shops may take without a net, and what of it is disputed."""
    async with database.reading() as work:
        values = await _values(work, request, town_id, caller, now)
    return page(request, _TEMPLATE, **values)


@post(_PATH, status_code=200, opt=needs(Right.TERMS_CHANGE))
async def change_offline(
    request: AnyRequest, town_id: FromPath[TownId], database: Db, caller: Who, now: Now
) -> Response[str] | Redirect:
    """Set what the town's shops may take without a net from now on."""
    try:
        terms = _terms(await read_form(request, TermsForm), caller, now)
        async with database.unit_of_work() as work:
            await set_terms(work, town_id, terms, caller.author)
    except Refusal as refusal:
        async with database.reading() as work:
            values = await _values(work, request, town_id, caller, now)
        return form_again(request, _TEMPLATE, refusal, **values)
    return see_other(path_of(town_id))


@get(_CLAIM, opt=needs(Right.CLAIM_RESOLVE))
async def show_claim(
    request: AnyRequest, town_id: FromPath[TownId], claim_id: FromPath[UUID], database: Db
) -> Response[str]:
    """Show a disputed claim, and ask how the town has made it good."""
    async with database.reading() as work:
        values = await _claim_values(work, request, town_id, claim_id)
    return page(request, _CLAIM_TEMPLATE, **values)


@post(_CLAIM, status_code=200, opt=needs(Right.CLAIM_RESOLVE))
async def resolve(
    request: AnyRequest,
    town_id: FromPath[TownId],
    claim_id: FromPath[UUID],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Response[str] | Redirect:
    """Note how the town has made a disputed claim good."""
    form: Resolution | None = None
    try:
        form = await read_form(request, Resolution)
        async with database.unit_of_work() as work:
            await resolve_claim(work, town_id, claim_id, form.how, by=caller.author, now=now)
    except Refusal as refusal:
        async with database.reading() as work:
            values = await _claim_values(work, request, town_id, claim_id)
        return form_again(request, _CLAIM_TEMPLATE, refusal, form=form, **values)
    return see_other(path_of(town_id))


def path_of(town_id: TownId) -> str:
    """Return the path of a town's page."""
    return f"/stadt/{town_id}/offline"


async def _claim_values(
    work: Work, request: AnyRequest, town_id: TownId, claim_id: UUID
) -> dict[str, Any]:
    """Return what the page of one claim shows."""
    language = reading_language(request)
    return {
        "town": await get_town(work, town_id),
        "path": path_of(town_id),
        "claim": await listing.disputed_claim(work, town_id, claim_id, language),
    }


async def _values(
    work: Work, request: AnyRequest, town_id: TownId, caller: Caller, now: datetime
) -> dict[str, Any]:
    """Return what the page shows."""
    found = await list_terms(work, town_id, now, 1)
    terms = found[0] if found else None
    _ = words(request)
    return {
        "town": await get_town(work, town_id),
        "path": path_of(town_id),
        "terms": terms,
        "outages": {minutes: _(text) for minutes, text in _outages(terms).items()},
        "filled": _filled(terms),
        "may_change": town_id in caller.towns_with(Right.TERMS_CHANGE),
        "may_resolve": town_id in caller.towns_with(Right.CLAIM_RESOLVE),
        "claims": await listing.disputed_claims(work, town_id, reading_language(request)),
    }


def _outages(terms: Terms | None) -> dict[int, str]:
    """Return what can be chosen, with what is in force: the API takes any number of minutes."""
    known = {} if terms is None else {terms.outage_minutes: f"{terms.outage_minutes} min"}
    return dict(sorted((known | OUTAGES).items()))


def _filled(terms: Terms | None) -> dict[str, str]:
    """Return what the form begins with."""
    if terms is None:
        return {"voucher": "20,00", "device": "100,00", "outage_minutes": "240"}
    return {
        "voucher": written_euros(terms.voucher_cents),
        "device": written_euros(terms.device_cents),
        "outage_minutes": str(terms.outage_minutes),
        "bearer": terms.bearer,
        "enabled": "true" if terms.enabled else "",
    }


def _terms(form: TermsForm, caller: Caller, now: datetime) -> Terms:
    """Return the terms that a form describes.

    :raises FormRefusal: ``request.invalid`` for limits that do not fit.
    """
    voucher_cents, device_cents = _cents(form.voucher), _cents(form.device)
    faults = {
        name: Fault("Out of range", _RANGE)
        for name, cents in (("voucher", voucher_cents), ("device", device_cents))
        if not 1 <= cents <= LARGEST_LIMIT_CENTS
    }
    if not faults and voucher_cents > device_cents:
        faults["device"] = Fault("Below `voucher`", _BELOW)
    if faults:
        raise FormRefusal(faults, filled_with(form))
    return Terms(
        begins_at=now,
        enabled=form.enabled,
        voucher_cents=voucher_cents,
        device_cents=device_cents,
        outage_minutes=form.outage_minutes,
        bearer=form.bearer,
        set_by=caller.id,
    )


def _cents(euros: str) -> int:
    whole, _, cents = euros.removesuffix("€").strip().replace(",", ".").partition(".")
    return int(whole) * 100 + int(cents or 0)


router = Router(
    "/",
    route_handlers=[choose_town, show_offline, change_offline, show_claim, resolve],
    include_in_schema=False,
)
