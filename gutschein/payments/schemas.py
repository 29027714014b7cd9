"""Payments, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.payments.rules import DirectMethod, Method
from gutschein.web.fields import AmountCents, Id, NewThing, known_as, line

DirectMethodUsed = Annotated[
    DirectMethod,
    known_as("How the money came in. Cash and cards name their issuing point.", "bank_transfer"),
]
MethodUsed = Annotated[
    Method,
    known_as(
        "How the money came in; `deposits` came in before and was assigned to what was asked for.",
        "bank_transfer",
    ),
]
Reference = Annotated[
    str, line(140, "What finds the money in the bank or the till.", "Überweisung 2026-4711")
]
LeftCents = Annotated[
    int,
    Meta(
        ge=0,
        le=LARGEST_AMOUNT_CENTS,
        description="What no voucher has been issued against yet, in cents.",
        examples=[2_500],
    ),
]


class NewPayment(NewThing, frozen=True, kw_only=True):
    """Money that has come in."""

    method: DirectMethodUsed
    amount_cents: AmountCents
    issuing_point_id: Id | None = None
    reference: Reference


class Payment(Struct, frozen=True, kw_only=True):
    """A booked payment; vouchers are issued against it."""

    id: Id
    town_id: Id
    method: MethodUsed
    amount_cents: AmountCents
    issuing_point_id: Id | None
    reference: Reference
    booked_at: Annotated[datetime, known_as("When it was booked, UTC.", "2026-11-02T08:30:00Z")]


class PaymentWithRest(Payment, frozen=True, kw_only=True):
    """A booked payment, and what is left of it."""

    left_cents: LeftCents
