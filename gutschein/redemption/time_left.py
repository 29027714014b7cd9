"""How long something can still be used, in the unit people think in: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

#: From so many of them on, days become months, and months years.
_DAYS, _MONTHS = 62, 24


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Whole units that are left; of months and years it is a little more.

    :param count: 0 days: today is the last; negative, when it is over.
    """

    count: int
    unit: Literal["days", "months", "years"]


def time_left(today: date, last_day: date) -> TimeLeft:
    """Return how long it is from *today* to *last_day*, which counts."""
    days = (last_day - today).days
    if days < _DAYS:
        return TimeLeft(days, "days")
    months = (last_day.year - today.year) * 12 + last_day.month - today.month
    if last_day.day < today.day:
        months -= 1
    return TimeLeft(months, "months") if months < _MONTHS else TimeLeft(months // 12, "years")
