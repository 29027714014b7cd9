"""Until when an order can be withdrawn from, and what is said of its vouchers then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from unicodedata import normalize

from gutschein.kernel.clock import berlin_day

#: Paragraph 355 (2) BGB; for an order of vouchers it begins with the contract.
WITHDRAW_WITHIN = timedelta(days=14)

#: Public holidays of all of Germany, by month and day, and by days after Easter Sunday.
_FIXED = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}
_AFTER_EASTER = {-2, 1, 39, 50}


class Outcome(StrEnum):
    """What came of a declaration at once."""

    CLOSED = "closed"
    """The order was not paid: nothing is to be paid any more."""
    FROZEN = "frozen"
    """It was paid: its vouchers are blocked, and the town gives the money back."""
    TOO_LATE = "too_late"
    UNMATCHED = "unmatched"
    """Number and e-mail address fit no order."""


class Condition(StrEnum):
    """What is left of a voucher of a withdrawn order."""

    WHOLE = "whole"
    PART = "part"
    SPENT = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a citizen declares (paragraph 356a (2) BGB). Its repr shows nothing of it.

    :param number: what they say of the contract: the number on their confirmation.
    :param email: where the receipt goes.
    """

    name: str = field(repr=False)
    number: str = field(repr=False)
    email: str = field(repr=False)
    remarks: str = field(default="", repr=False)


def last_day(placed_at: datetime) -> date:
    """Return the last day, in Germany, on which an order can be withdrawn from.

    The day of the order does not count (paragraph 187 (1) BGB). A Saturday, a Sunday or a
    holiday is not the last day, but the next working day (paragraph 193). Holidays of single
    states are not known here: what comes a day late for them is for the town to decide.
    """
    day = berlin_day(placed_at) + WITHDRAW_WITHIN
    while not _is_working_day(day):
        day += timedelta(days=1)
    return day


def is_in_time(placed_at: datetime, declared_at: datetime) -> bool:
    """Tell whether a declaration comes before the end of the last day."""
    return berlin_day(declared_at) <= last_day(placed_at)


def same_address(one: str, other: str) -> bool:
    """Tell whether two texts are one e-mail address, as people write it."""
    return _address(one) == _address(other)


def condition_of(value_cents: int, balance_cents: int) -> Condition:
    """Tell what is left of a voucher that was bought at *value_cents*."""
    if balance_cents == 0:
        return Condition.SPENT
    return Condition.WHOLE if balance_cents >= value_cents else Condition.PART


def _address(text: str) -> str:
    return normalize("NFC", text.strip()).casefold()


def _is_working_day(day: date) -> bool:
    after_easter = (day - _easter(day.year)).days
    return not (
        day.weekday() >= 5 or (day.month, day.day) in _FIXED or after_easter in _AFTER_EASTER
    )


def _easter(year: int) -> date:
    """Return Easter Sunday (the rule of Meeus, Jones and Butcher, for the Gregorian calendar)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    drift = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + drift + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * to_sunday) // 451
    month, day = divmod(moon + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
