"""Whether more redemptions come than can be cleared, and not only many at once.

A queue that empties again is a burst: shops open, a bus arrives. One that stands serves
nobody, everybody only waits longer. So it is not its length that counts, but for how long its
orders have had to wait for longer than they should (as in Controlled Delay, RFC 8289).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

#: So long an order may wait for its batch, in seconds.
LONG = 0.15
#: A batch that takes so long is held up: a voucher that somebody holds, a database that is
#: away.
HELD_UP = 0.5
#: A voucher that is waited for is noticed after so long: other batches are done with it sooner,
#: and it is shorter than what a batch takes up room for.
NOTICED_AFTER = 0.05
#: A burst may make them wait longer for so long.
BURST = 0.5
#: What was seen so long ago says nothing about now: where it is busy, batches begin all the
#: time. Where none does, something else is wrong, and to turn people away does not mend it.
FRESH = 0.25
#: What has been too much is over when nobody has waited long for so long.
CALM = 1.0


class Pressure:
    """Sees how long orders have waited. Instants are seconds of one clock."""

    def __init__(self) -> None:
        self._waited = 0.0
        self._disturbed = -inf
        self._seen = 0.0
        self._high_since: float | None = None
        self._high_until = 0.0

    def disturbed(self, now: float) -> None:
        """Note that something held up a batch until *now*; who waited for it says nothing."""
        self._disturbed = now

    def see(self, waits: Iterable[float], now: float) -> None:
        """Note how long the orders have waited that go into a batch at *now*."""
        waited = max((each for each in waits if now - each > self._disturbed), default=None)
        if waited is None:
            return
        self._waited, self._seen = waited, now
        if waited > LONG:
            self._high_until = now
            if self._high_since is None:
                self._high_since = now
        elif now - self._high_until > CALM:
            self._high_since = None

    def is_too_high(self, now: float) -> bool:
        """Tell whether who comes at *now* is better told to come again."""
        high = self._high_since is not None and now - self._high_since > BURST
        return high and self._waited > LONG and now - self._seen < FRESH
