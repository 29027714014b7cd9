"""What an order may hold, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from gutschein.kernel.errors import Refusal
from gutschein.programmes.rules import Terms, is_value_offered, offered_values

Delivery = Literal["download", "buyer", "recipient"]

#: So far ahead can a day of delivery lie: the next birthday, whenever that is.
LATEST_DELIVERY = timedelta(days=366)

#: How long an order waits for its money. A transfer takes a bank day; people take a week.
PAY_WITHIN = timedelta(days=14)
#: After that day so much later nothing more is expected: the bank's statement comes late, too.
GRACE = timedelta(days=7)

#: A draft that nobody has placed is forgotten.
DRAFT_KEPT = timedelta(days=2)


class Stage(StrEnum):
    """Where an order stands."""

    DRAFT = "draft"
    PLACED = "placed"
    ISSUED = "issued"
    CLOSED = "closed"


class Facts(Protocol):
    """What is known of an order."""

    @property
    def placed_at(self) -> datetime | None: ...
    @property
    def issued_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


def stage_of(order: Facts) -> Stage:
    """Return where an order stands."""
    if order.closed_at is not None:
        return Stage.CLOSED
    if order.issued_at is not None:
        return Stage.ISSUED
    return Stage.DRAFT if order.placed_at is None else Stage.PLACED


def check_value(terms: Terms, value_cents: int) -> None:
    """Refuse a value that the programme does not offer, and one that citizens cannot buy.

    :raises Refusal: ``programme.unknown`` for what the town gives away,
        ``programme.value_refused``.
    """
    if terms.payer != "citizen":
        raise Refusal("programme.unknown")
    if not is_value_offered(terms, value_cents):
        raise Refusal("programme.value_refused", allowed=offered_values(terms))


def check_day(deliver_on: date, today: date) -> None:
    """Refuse a day of delivery that is over or too far away.

    :raises Refusal: ``order.delivery_day`` with the first and the last day there is.
    """
    if not today <= deliver_on <= today + LATEST_DELIVERY:
        raise Refusal("order.delivery_day", first=today, last=today + LATEST_DELIVERY)


def due_on(placed_on: date) -> date:
    """Return the day by which an order is to be paid."""
    return placed_on + PAY_WITHIN


def is_lapsed(due: date, today: date) -> bool:
    """Tell whether the money for an order is no longer waited for."""
    return today > due + GRACE


def total_of(values_cents: Iterable[int]) -> int:
    """Add up the values of an order's vouchers: citizens pay no fee on top."""
    return sum(values_cents)
