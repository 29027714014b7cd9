"""How many batches a worker has under way, all towns together.

A batch is made up when there is room for it, not before: until then its orders go on growing
in number, and the towns take turns. One after the other is best, since each batch costs the
database as much again as a dozen redemptions in it, and under load the worker itself has
enough to do meanwhile. One that is held up must not hold up other towns: it stands aside, and
the next begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

#: Batches under way at once, and how long one counts among them.
AT_ONCE = 1
SECONDS_AT_ONCE = 0.1


class Room:
    """Gives places to batches.

    :param most: of all, those that stand aside too: each has a connection.
    :param at_once: of those that do not stand aside.
    """

    def __init__(self, most: int, at_once: int = AT_ONCE) -> None:
        self._most = most
        self._at_once = at_once
        self._all = 0
        self._aside = 0
        self._asking: dict[Callable[[], None], None] = {}

    def take(self, ask: Callable[[], None]) -> Place | None:
        """Take a place; where there is none, *ask* is called when there may be one again."""
        if self._is_full:
            self._asking[ask] = None
            return None
        self._all += 1
        return Place(self)

    @property
    def _is_full(self) -> bool:
        return self._all == self._most or self._all - self._aside >= self._at_once

    def _changed(self, places: int, aside: int) -> None:
        self._all += places
        self._aside += aside
        while self._asking and not self._is_full:
            ask = next(iter(self._asking))
            del self._asking[ask]  # whoever wants another one asks again, behind the others
            ask()


class Place:
    """That of one batch."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._is_aside = False
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(SECONDS_AT_ONCE, self._stand_aside)

    def leave(self) -> None:
        """Give it back."""
        self._timer.cancel()
        self._room._changed(-1, -self._is_aside)  # noqa: SLF001 - the two are one

    def _stand_aside(self) -> None:
        self._is_aside = True
        self._room._changed(0, 1)  # noqa: SLF001 - as above
