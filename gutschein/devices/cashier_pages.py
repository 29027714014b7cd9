"""The pages of cashiers: name one, call them something else, give a PIN, let them go."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.devices import cashiers
from gutschein.devices.api import Keys
from gutschein.devices.at_merchant import AT_MERCHANT, MERCHANT_PATH, At
from gutschein.devices.till_schemas import Cashier, CashierName, Pin
from gutschein.kernel.errors import Refusal
from gutschein.web.forms import read_form
from gutschein.web.rights import Right, needs

_NEW = "devices/new_cashier.html"
_ONE = "devices/cashier.html"
_PIN = "devices/pin.html"
_CASHIERS = MERCHANT_PATH + "/kassenkraefte"
_CASHIER = _CASHIERS + "/{cashier_id:uuid}"


class CashierForm(Struct, frozen=True):
    """The form of a new cashier."""

    name: CashierName
    pin: Pin


class NameForm(Struct, frozen=True):
    """The form of a name."""

    name: CashierName


class PinForm(Struct, frozen=True):
    """The form of a PIN."""

    pin: Pin


@get(_CASHIERS + "/neu")
async def show_new_cashier(at: At) -> Response[str]:
    """Ask for the name and PIN of a new cashier."""
    return at.show(_NEW)


@post(_CASHIERS + "/neu", status_code=303)
async def add_cashier(at: At, keys: Keys) -> Response[str] | Redirect:
    """Name a cashier."""
    form = None
    try:
        form = await read_form(at.request, CashierForm)
        hashed_pin = await cashiers.pin_hash(keys, form.pin)
        async with at.database.unit_of_work() as work:
            await cashiers.add_cashier(
                work,
                at.town_id,
                at.merchant_id,
                name=form.name,
                hashed_pin=hashed_pin,
                by=at.author,
                now=at.now,
            )
    except Refusal as refusal:
        return at.show_again(_NEW, refusal, form, field=_field(refusal))
    return at.done("kassenkraft-neu")


@get(_CASHIER)
async def show_cashier(at: At, cashier_id: FromPath[UUID]) -> Response[str]:
    """Show a cashier."""
    return at.show(_ONE, cashier=await _cashier(at, cashier_id))


@post(_CASHIER, status_code=303)
async def rename_cashier(at: At, cashier_id: FromPath[UUID]) -> Response[str] | Redirect:
    """Call a cashier something else."""
    form = None
    try:
        form = await read_form(at.request, NameForm)
        async with at.database.unit_of_work() as work:
            await cashiers.rename_cashier(
                work,
                at.town_id,
                at.merchant_id,
                cashier_id,
                name=form.name,
                by=at.author,
                now=at.now,
            )
    except Refusal as refusal:
        return at.show_again(_ONE, refusal, form, cashier=await _cashier(at, cashier_id))
    return at.done("kassenkraft-name")


@get(_CASHIER + "/pin")
async def show_new_pin(at: At, cashier_id: FromPath[UUID]) -> Response[str]:
    """Ask for a new PIN."""
    return at.show(_PIN, cashier=await _cashier(at, cashier_id))


@post(_CASHIER + "/pin", status_code=303)
async def change_pin(at: At, cashier_id: FromPath[UUID], keys: Keys) -> Response[str] | Redirect:
    """Give a cashier a new PIN."""
    form = None
    try:
        form = await read_form(at.request, PinForm)
        hashed_pin = await cashiers.pin_hash(keys, form.pin)
        async with at.database.unit_of_work() as work:
            await cashiers.change_pin(
                work,
                at.town_id,
                at.merchant_id,
                cashier_id,
                hashed_pin=hashed_pin,
                by=at.author,
                now=at.now,
            )
    except Refusal as refusal:
        cashier = await _cashier(at, cashier_id)
        return at.show_again(_PIN, refusal, form, field=_field(refusal), cashier=cashier)
    return at.done("kassenkraft-pin")


@post(_CASHIER + "/ende", status_code=303)
async def end_cashier(at: At, cashier_id: FromPath[UUID]) -> Redirect:
    """Let a cashier go."""
    async with at.database.unit_of_work() as work:
        await cashiers.end_cashier(
            work, at.town_id, at.merchant_id, cashier_id, by=at.author, now=at.now
        )
    return at.done("kassenkraft-ende")


async def _cashier(at: At, cashier_id: UUID) -> Cashier:
    async with at.database.reading() as work:
        found = await cashiers.list_cashiers(work, at.town_id, at.merchant_id)
    for cashier in found:
        if cashier.id == cashier_id and cashier.ended_at is None:
            return cashier
    raise Refusal("cashier.unknown")


def _field(refusal: Refusal) -> str:
    return "pin" if refusal.code == "cashier.pin_trivial" else ""


router = Router(
    "/",
    route_handlers=[
        show_new_cashier,
        add_cashier,
        show_cashier,
        rename_cashier,
        show_new_pin,
        change_pin,
        end_cashier,
    ],
    dependencies=AT_MERCHANT,
    opt=needs(Right.CASHIER_MANAGE),
    include_in_schema=False,
)
