"""The orders of one town and kind, on their way into its batches.

Alone, an order waits for nobody. While batches are under way the others wait together and
go in the next one: the busier it is, the more of them share one commit.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context
from functools import partial
from typing import Any, Generic
from uuid import UUID

from gutschein.redemption.room import Place, Room
from gutschein.redemption.waiting import W

#: Items of one batch at most, and batches of a town that a worker has under way at once.
MOST_ITEMS = 256
MOST_UNDER_WAY = 2


class Lane(Generic[W]):
    """A queue that is fair between merchants: each gives one order in turn.

    :param run: clears a batch, which settles each of its orders.
    :param room: shared with the lanes of other towns.
    """

    def __init__(self, run: Callable[[list[W]], Coroutine[Any, Any, None]], room: Room) -> None:
        self._run = run
        self._room = room
        self._waiting: dict[UUID, deque[W]] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._begins = False

    @property
    def idle(self) -> bool:
        return not self._waiting and not self._under_way

    def put(self, order: W) -> None:
        """Let an order wait for its batch."""
        self._waiting.setdefault(order.merchant_id, deque()).append(order)
        self._begin_soon()

    async def drained(self) -> None:
        """Wait until nothing waits and nothing is under way."""
        while not self.idle:
            waiting = (order.answer for orders in self._waiting.values() for order in orders)
            ends: set[asyncio.Future[Any]] = {*self._under_way, *waiting}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)

    def _begin_soon(self) -> None:
        # What arrives in the same turn of the event loop goes together.
        if self._begins or not self._waiting or len(self._under_way) >= MOST_UNDER_WAY:
            return
        place = self._room.take(self._begin_soon)
        if place is not None:
            self._begins = True
            asyncio.get_running_loop().call_soon(self._begin, place)

    def _begin(self, place: Place) -> None:
        self._begins = False
        orders = list(self._taken())
        if orders:
            # In no request's context: it is done for many.
            task = asyncio.create_task(self._run(orders), context=Context())
            self._under_way.add(task)
            task.add_done_callback(partial(self._ended, place, orders))
        else:
            place.leave()
        self._begin_soon()

    def _ended(self, place: Place, orders: list[W], batch: asyncio.Task[None]) -> None:
        self._under_way.discard(batch)
        place.leave()
        self._begin_soon()
        error = batch.exception()
        if error is not None:  # of those who wait none may wait for ever
            for order in orders:
                order.settle(error)

    def _taken(self) -> Iterator[W]:
        """Take what goes in the next batch, merchant by merchant in turn.

        An id or a nonce that is in the batch already waits for the one after: there it is
        found to be a repetition.
        """
        room, ids = MOST_ITEMS, set[object]()
        later: list[W] = []
        while self._waiting and room > 0:
            merchant_id, orders = next(iter(self._waiting.items()))
            del self._waiting[merchant_id]
            order = orders.popleft()
            if orders:
                self._waiting[merchant_id] = orders  # at the end: the others come first
            if order.answer.done():  # nobody waits for it any more
                continue
            own = order.marks
            if ids & own:
                later.append(order)
                continue
            ids |= own
            room -= order.size
            yield order
        for order in reversed(later):
            self._waiting.setdefault(order.merchant_id, deque()).appendleft(order)
