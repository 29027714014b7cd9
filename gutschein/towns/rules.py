"""What makes a municipality key valid, and when one town honours another's vouchers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Protocol

#: Eight digits: state (01 to 16), district, municipality (Amtlicher Gemeindeschlüssel).
_AGS = re.compile(r"(?:0[1-9]|1[0-6])[0-9]{6}")


class Period(Protocol):
    """Days from the first to the last, both included; without a last one it is open."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


def is_ags(text: str) -> bool:
    """Tell whether *text* has the form of an official municipality key."""
    return _AGS.fullmatch(text) is not None


def covers(period: Period, day: date) -> bool:
    """Tell whether *day* lies in the period."""
    return period.valid_from <= day and (period.valid_until is None or day <= period.valid_until)


def accepts(acceptances: Iterable[Period], day: date) -> bool:
    """Tell whether one of the *acceptances* of a pair of towns is in force on *day*."""
    return any(covers(acceptance, day) for acceptance in acceptances)


def overlap(one: Period, other: Period) -> bool:
    """Tell whether the two periods share a day: the later one's first, if any."""
    first_common = max(one.valid_from, other.valid_from)
    return covers(one, first_common) and covers(other, first_common)
