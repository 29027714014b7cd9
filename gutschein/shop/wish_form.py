"""The form in which somebody describes a voucher, and what it says when it does not fit."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from gutschein.kernel.ids import ProgrammeId
from gutschein.kernel.money import read_euros, written_euros
from gutschein.mail.message import UnusableAddress, envelope_address
from gutschein.programmes.schemas import Programme
from gutschein.shop.drafts import for_whom
from gutschein.shop.models import MOST_ITEMS
from gutschein.shop.orders import Position, Wish
from gutschein.shop.rules import LATEST_DELIVERY, Delivery
from gutschein.web.fields import known_as
from gutschein.web.forms import Fault, FormRefusal, filled_with
from gutschein.web.words import german

#: So much fits below the motif on the printed page.
MOST_MESSAGE = 300
MOST_LINES = 6

_NO_AMOUNT = german("Bitte einen Betrag eingeben, zum Beispiel 25 oder 12,50.")
_NO_ADDRESS = german("Bitte eine E-Mail-Adresse eingeben, zum Beispiel name@example.de.")
_LINES = german("Bitte höchstens {number} Zeilen schreiben.")

#: Spaces around are dropped; whether mail can go there is asked of :func:`envelope_address`.
EmailText = Annotated[str, Meta(max_length=254)]


class WishForm(Struct, frozen=True, kw_only=True):
    """One voucher, or several alike."""

    id: Annotated[UUID, known_as("The order, made with the page.", None)]
    position: Annotated[Position, Meta(ge=1, le=MOST_ITEMS)]
    programme_id: Annotated[UUID, known_as("The kind of voucher.", None)]
    amount: Annotated[str, Meta(max_length=16)]
    motif: Annotated[str, Meta(max_length=64)]
    message: Annotated[str, Meta(max_length=MOST_MESSAGE)] = ""
    delivery: Annotated[Delivery, known_as("How it gets there.", "download")]
    recipient: EmailText = ""
    deliver_on: date | None = None
    count: Annotated[int, Meta(ge=1, le=MOST_ITEMS)] = 1


def wish_in(form: WishForm, today: date) -> Wish:
    """Return what a form wishes for.

    :raises FormRefusal: ``request.invalid`` with the fields that do not fit.
    """
    faults: dict[str, Fault] = {}
    value_cents = read_euros(form.amount)
    if not value_cents:
        faults["amount"] = Fault("No amount", _NO_AMOUNT)
    if form.message.count("\n") >= MOST_LINES:
        faults["message"] = Fault("Too many lines", _LINES, str(MOST_LINES))
    if form.delivery == "recipient" and not is_address(form.recipient):
        faults["recipient"] = Fault("No address", _NO_ADDRESS)
    if faults or value_cents is None:
        raise FormRefusal(faults, filled_with(form))
    return for_whom(
        Wish(
            programme_id=ProgrammeId(form.programme_id),
            value_cents=value_cents,
            motif=form.motif,
            message=form.message,
            delivery=form.delivery,
            recipient=form.recipient,
            deliver_on=form.deliver_on or today,
        )
    )


def is_address(text: str) -> bool:
    """Tell whether mail can be sent there."""
    try:
        envelope_address(text)
    except UnusableAddress:
        return False
    return True


def address_fault() -> Fault:
    """Return what is said of an address to which no mail can go."""
    return Fault("No address", _NO_ADDRESS)


def filled(wish: Wish) -> dict[str, str | list[str]]:
    """Return what the form shows for a voucher that was described before."""
    day = "" if wish.deliver_on is None else wish.deliver_on.isoformat()
    return {
        "amount": written_euros(wish.value_cents),
        "motif": wish.motif,
        "message": wish.message,
        "delivery": wish.delivery,
        "recipient": wish.recipient,
        "deliver_on": day,
    }


def amounts_of(programme: Programme) -> list[tuple[str, int]]:
    """Return the fixed values of a programme as the form sends them, and in cents."""
    return [(written_euros(cents), cents) for cents in programme.fixed_values_cents or ()]


def days_of(today: date) -> tuple[str, str]:
    """Return the first and the last day of delivery as a date field takes them."""
    return today.isoformat(), (today + LATEST_DELIVERY).isoformat()
