"""Time: instants are UTC, days are those of the town's calendar, Europe/Berlin.

Rules never ask what time it is. The instant comes in as an argument named ``now``,
taken once at the edge: by the service with a :class:`SteadyClock`, by commands with
:func:`utc_now`.
"""

from __future__ import annotations

import time as clocks
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

#: A clock that is set back by less than this is not followed at once. What is further back is
#: taken for the mending of a clock that was wrong by an hour or a day, which must not last.
SMALL_STEP = timedelta(minutes=15)

#: Goes on while the machine sleeps; macOS has no such name, and its monotonic clock does too.
_UPTIME: int = getattr(clocks, "CLOCK_BOOTTIME", clocks.CLOCK_MONOTONIC)


def utc_now() -> datetime:
    """Read the clock: an aware instant in UTC."""
    return datetime.now(UTC)


def uptime() -> timedelta:
    """Return how long the machine has been running, asleep or awake: nobody can set that."""
    return timedelta(seconds=clocks.clock_gettime(_UPTIME))


class SteadyClock:
    """Tells the time of one process, in which small steps back do not show.

    It is what the clock on the wall says. While that is behind what was told already, by less
    than :data:`SMALL_STEP`, time goes on at half its pace until the clock has caught up.

    :param wall: the clock that may be set.
    :param uptime: one that nobody can set.
    """

    def __init__(
        self, wall: Callable[[], datetime] = utc_now, uptime: Callable[[], timedelta] = uptime
    ) -> None:
        self._wall = wall
        self._uptime = uptime
        self._last = wall()
        self._slow_at: timedelta | None = None

    def __call__(self) -> datetime:
        """Read it: an aware instant in UTC."""
        now = self._wall()
        if now < self._last or self._slow_at is not None:
            now = self._slowed(now)
        self._last = now
        return now

    def _slowed(self, wall: datetime) -> datetime:
        up = self._uptime()
        elapsed = timedelta() if self._slow_at is None else up - self._slow_at
        slow = self._last + elapsed // 2
        if wall < slow < wall + SMALL_STEP:
            self._slow_at = up
            return slow
        self._slow_at = None
        return wall


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
