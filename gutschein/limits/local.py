"""A limit that one worker keeps by itself, for paths that may not ask the database.

With several workers, a caller who is served by all of them has as many times the limit.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from gutschein.kernel.errors import Refusal
from gutschein.limits.rules import Limit

REMEMBERED = 20_000
#: Seconds that may come of adding and subtracting fractions.
_ROUNDING = 1e-6


class LocalLimit:
    """Counts tries in memory, by the same rule as the counters in the database.

    :param clock: seconds that never run backwards.
    :param room: keys that are remembered; of more, the one longest unseen is forgotten.
    """

    def __init__(
        self,
        limit: Limit,
        clock: Callable[[], float] = time.monotonic,
        room: int = REMEMBERED,
    ) -> None:
        self._window = limit.window.total_seconds()
        self._one_try = limit.interval.total_seconds()
        self._clock = clock
        self._room = room
        self._used_until: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one try, or refuse it.

        :raises Refusal: ``limit.rate`` with the ``seconds`` to wait.
        """
        now = self._clock()
        used_until = max(self._used_until.pop(key, now), now) + self._one_try
        wait = used_until - self._window - now
        refused = wait > _ROUNDING
        self._used_until[key] = used_until - self._one_try if refused else used_until
        if len(self._used_until) > self._room:
            self._used_until.popitem(last=False)
        if refused:
            raise Refusal("limit.rate", seconds=math.ceil(wait))
