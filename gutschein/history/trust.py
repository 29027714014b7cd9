"""Whether the clock is to be believed: what is sealed under a wrong one stays sealed.

A row that is written after its time was sealed looks slipped in for ever, and is refused
by the database. So where the clock may be wrong nothing is sealed: that can be done later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

#: Clocks that differ by no more than this agree. It is a fraction of what sealing waits for
#: rows that are still under way.
TOLERANCE = timedelta(minutes=1)

#: So long a clock that was set must go on as it is before it is believed. To wait costs
#: nothing; to believe one that is fast costs every booking from the moment it is set right
#: until it has caught up. An hour is enough for a time service, and for somebody to notice.
PATIENCE = timedelta(hours=1)


class Trust:
    """Notices that a clock was set, by the time that the machine has been running.

    A clock and an uptime say together when the machine was started. That never changes,
    unless the clock is set; that it goes a little wrong, and is helped along, is followed.
    """

    def __init__(self, now: datetime, uptime: timedelta) -> None:
        """Begin with a clock that is believed."""
        self._started_at = now - uptime
        self._set: tuple[datetime, timedelta] | None = None

    def believes(self, now: datetime, uptime: timedelta) -> bool:
        """Look at the clock again, and tell whether it is to be believed.

        One that was set is not, until it is set back or has gone on for :data:`PATIENCE`.
        """
        started_at = now - uptime
        if abs(started_at - self._started_at) <= TOLERANCE:
            self._started_at, self._set = started_at, None
            return True
        if self._set is None or abs(started_at - self._set[0]) > TOLERANCE:
            self._set = (started_at, uptime)
            return False
        if uptime - self._set[1] < PATIENCE:
            return False
        self._started_at, self._set = started_at, None
        return True


def agree(one: datetime, other: datetime) -> bool:
    """Tell whether two clocks say the same."""
    return abs(one - other) <= TOLERANCE
