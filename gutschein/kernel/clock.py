"""Time: instants are UTC, days are those of the town's calendar, Europe/Berlin.

Rules never ask what time it is. The instant comes in as an argument named ``now``,
taken once at the edge with :func:`utc_now`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


def utc_now() -> datetime:
    """Read the clock: an aware instant in UTC."""
    return datetime.now(UTC)


def berlin_day(instant: datetime) -> date:
    """Return the calendar day of *instant* in Germany.

    :raises ValueError: when *instant* carries no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(BERLIN).date()


def end_of_day(day: date) -> datetime:
    """Return the first instant after the German calendar day *day*, in UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, BERLIN).astimezone(UTC)


def format_day(day: date) -> str:
    """Write a day for people, the same in German and English: ``31.12.2029``."""
    return f"{day:%d.%m.%Y}"
