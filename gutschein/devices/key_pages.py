"""The pages of API keys: make one, replace it, revoke it. A token is shown once."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta, Struct

from gutschein.devices import api_keys
from gutschein.devices.at_merchant import AT_MERCHANT, MERCHANT_PATH, At
from gutschein.devices.schemas import ApiKey, KeyName, KeyRight, KeyRotation
from gutschein.kernel.errors import Refusal
from gutschein.web.forms import Fault, FormRefusal, read_form
from gutschein.web.rights import Right, needs
from gutschein.web.words import german

_NEW = "devices/new_key.html"
_ONE = "devices/key.html"
_MADE = "devices/made_key.html"
_KEYS = MERCHANT_PATH + "/api-schluessel"
_KEY = _KEYS + "/{key_id:uuid}"

RIGHTS: tuple[tuple[KeyRight, str], ...] = (
    ("till.redeem", german("Gutscheine einlösen und am selben Tag stornieren")),
    ("till.balance", german("Guthaben abfragen")),
    ("redemption.read", german("Eigene Einlösungen nachsehen")),
)
#: So long the old key stays good when it is replaced, in hours.
GRACES = (
    ("0", german("sofort")),
    ("24", german("nach einem Tag")),
    ("168", german("nach einer Woche")),
    ("720", german("nach 30 Tagen")),
)
_NOTHING_CHOSEN = Fault("Nothing chosen", german("Bitte mindestens eines ankreuzen."))


class KeyForm(Struct, frozen=True):
    """The form of a new key."""

    name: KeyName
    rights: Annotated[list[KeyRight], Meta(max_length=len(RIGHTS))]


class RotationForm(Struct, frozen=True):
    """The form of a replacement."""

    grace_hours: Literal["0", "24", "168", "720"]


@get(_KEYS + "/neu")
async def show_new_key(at: At) -> Response[str]:
    """Ask for what a new key is to be."""
    return at.show(_NEW, rights=RIGHTS)


@post(_KEYS + "/neu", status_code=200)
async def make_key(at: At) -> Response[str]:
    """Make a key and show its token, this once."""
    form = None
    try:
        form = await read_form(at.request, KeyForm)
        if not form.rights:
            raise FormRefusal({"rights": _NOTHING_CHOSEN}, {"name": form.name})
        async with at.database.unit_of_work() as work:
            key, token = await api_keys.create_api_key(
                work,
                at.town_id,
                at.merchant_id,
                name=form.name,
                rights=form.rights,
                ends_at=None,
                by=at.author,
                now=at.now,
            )
    except Refusal as refusal:
        return at.show_again(_NEW, refusal, form, rights=RIGHTS)
    return at.show(_MADE, key=key, token=token)


@get(_KEY)
async def show_key(at: At, key_id: FromPath[UUID]) -> Response[str]:
    """Show a key, without its token."""
    return at.show(_ONE, key=await _key(at, key_id), rights=dict(RIGHTS), graces=GRACES)


@post(_KEY + "/ersetzen", status_code=200)
async def replace_key(at: At, key_id: FromPath[UUID]) -> Response[str]:
    """Replace a key and show the token of the new one, this once."""
    form = None
    try:
        form = await read_form(at.request, RotationForm)
        rotation = KeyRotation(grace_hours=int(form.grace_hours))
        async with at.database.unit_of_work() as work:
            key, token = await api_keys.rotate_api_key(
                work, at.town_id, at.merchant_id, key_id, rotation, by=at.author, now=at.now
            )
    except Refusal as refusal:
        key = await _key(at, key_id)
        return at.show_again(_ONE, refusal, form, key=key, rights=dict(RIGHTS), graces=GRACES)
    return at.show(_MADE, key=key, token=token)


@post(_KEY + "/widerrufen", status_code=303)
async def revoke_key(at: At, key_id: FromPath[UUID]) -> Redirect:
    """Make a key worthless."""
    async with at.database.unit_of_work() as work:
        await api_keys.revoke_api_key(
            work, at.town_id, at.merchant_id, key_id, by=at.author, now=at.now
        )
    return at.done("schluessel-widerrufen")


async def _key(at: At, key_id: UUID) -> ApiKey:
    async with at.database.reading() as work:
        found = await api_keys.list_api_keys(work, at.town_id, at.merchant_id, at.now)
    for key in found:
        if key.id == key_id:
            return key
    raise Refusal("api_key.unknown")


router = Router(
    "/",
    route_handlers=[show_new_key, make_key, show_key, replace_key, revoke_key],
    dependencies=AT_MERCHANT,
    opt=needs(Right.API_KEY_MANAGE),
    include_in_schema=False,
)
