"""A memory with a bound: of more than it has room for, what was longest unused is forgotten."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, Literal, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Found = Literal["hit", "miss"]


class Recent(Generic[K, V]):
    """Values by keys, at most *room* of them.

    :param note: is told of each look-up whether the value was there.
    """

    def __init__(self, room: int, note: Callable[[Found], None]) -> None:
        self._room = room
        self._note = note
        self._values: OrderedDict[K, V] = OrderedDict()
        self._coming: dict[K, asyncio.Future[V | None]] = {}

    async def get(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        """Return what is remembered, or else what *load* finds, which then is; nothing found
        is not remembered.

        However many ask for it at once, it is loaded once, and goes on being loaded for the
        others when one of them gives up.
        """
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
            self._note("hit")
            return value
        self._note("miss")
        coming = self._coming.get(key)
        if coming is None:
            coming = self._coming[key] = asyncio.ensure_future(self._loaded(key, load))
            coming.add_done_callback(lambda _: self._coming.pop(key, None))
        return await asyncio.shield(coming)

    def forget(self, key: K) -> None:
        """Load it anew the next time."""
        self._values.pop(key, None)
        self._coming.pop(key, None)

    async def _loaded(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        value = await load()
        if value is not None:
            self._values[key] = value
            if len(self._values) > self._room:
                self._values.popitem(last=False)
        return value
