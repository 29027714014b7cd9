"""One timer for all who wait: a timer for each costs a short request more than its work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadlines:
    """Calls back for those who have waited too long.

    :param seconds: that each may wait; so who began first is late first.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[int, tuple[float, Callable[[], object]]] = {}
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, ring: Callable[[], object]) -> int:
        """Let somebody wait; *ring* is called when :meth:`end` is not called in time.

        :returns: their number.
        """
        loop = asyncio.get_running_loop()
        self._count += 1
        self._waiting[self._count] = (loop.time() + self._seconds, ring)
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)
        return self._count

    def end(self, number: int) -> bool:
        """Let somebody wait no longer; tell whether that is in time."""
        in_time = self._waiting.pop(number, None) is not None
        if self._timer is not None and not self._waiting:
            self._timer.cancel()
            self._timer = None
        return in_time

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        for number, (due, ring) in list(self._waiting.items()):
            if due > loop.time():
                self._timer = loop.call_at(due, self._look)
                return
            del self._waiting[number]
            ring()
