"""The clearing engine of one worker: what its requests redeem goes into common batches."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from gutschein.db.access import CLEARING
from gutschein.db.pool import IN_THE_WAY, Pool, connected, open_pool
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.redemption import batch, reverse
from gutschein.redemption import clearing_repository as repository
from gutschein.redemption.deciding import KeyChanged, let_in, naming
from gutschein.redemption.lane import Lane
from gutschein.redemption.order import Order, Place, Sale
from gutschein.redemption.pressure import HELD_UP, Pressure
from gutschein.redemption.reversing import Asked, ReversalOrder
from gutschein.redemption.room import Room
from gutschein.redemption.rules import By, Redemption, Reversal, check_amount
from gutschein.redemption.town_keys import TownKeys
from gutschein.redemption.waiting import R, Waiting
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.watch import metrics, traces
from gutschein.watch.stopwatch import Stopwatch
from gutschein.web.caller import SignIn
from gutschein.web.deadlines import Deadlines

#: Orders of one worker that may wait. Whoever comes then is told at once to come again.
MOST_WAITING = 1_024
#: How often an order is looked up again when the keys of its town change under it.
MOST_LOOK_UPS = 3
STATEMENT_TIMEOUT_SECONDS = 4
#: So long an order waits for its answer; then its till is told to come again.
MOST_SECONDS = 10


class Clearing:
    """Redeems, many at a time.

    :param pool: of connections that act as ``CLEARING``.
    """

    def __init__(self, pool: Pool, keys: TownKeys, room: Room) -> None:
        self._pool = pool
        self._keys = keys
        self._room = room
        self._lanes: dict[object, Lane[Any]] = {}
        self._waiting = 0
        self._pressure = Pressure()
        self._deadlines = Deadlines(MOST_SECONDS)

    @classmethod
    async def open(
        cls, database: Database, database_url: str, kek: KeyEncryptionKey, *, connections: int
    ) -> Clearing:
        """Open an engine with connections of its own."""
        pool = await open_pool(
            database_url,
            CLEARING,
            size=connections,
            statement_timeout_seconds=STATEMENT_TIMEOUT_SECONDS,
            settings=repository.SESSION,
        )
        return cls(pool, TownKeys(database, kek), Room(connections))

    @property
    def waiting(self) -> int:
        """How many orders have no answer yet."""
        return self._waiting

    @property
    def is_full(self) -> bool:
        """Whether the next order is turned away."""
        return self._waiting >= MOST_WAITING or self._pressure.is_too_high(monotonic())

    async def close(self) -> None:
        """Clear what still waits, then let the connections go."""
        for lane in list(self._lanes.values()):
            await lane.drained()
        await self._pool.close()

    async def redeem(
        self, sale: Sale, now: datetime, *, sign_in: SignIn | None = None, by: By | None = None
    ) -> list[Redemption]:
        """Redeem all items of a sale or none; return what took place, in their order.

        The same sale again gets the same answer and moves nothing.

        :param sign_in: what of the till's credential is still to be asked; without it,
            *by* says through what it is redeemed.
        :raises Refusal: the reason of the first item that cannot be redeemed. When there
            are several, ``item`` in its params is the place of that one, counted from 0.
            ``service.busy`` when too many wait, or it has waited too long: the same id may be
            sent again. ``device.unknown``, ``device.replayed``, ``device.locked``,
            ``auth.required`` of the credential.
        """
        for index, item in enumerate(sale.items):
            with naming(index, sale):
                check_amount(item.amount_cents)
        for _ in range(MOST_LOOK_UPS):
            places = await self._places(sale)
            order = self._order(sale, places, now, sign_in, by)
            try:
                return await self._cleared(order, batch.write)
            except KeyChanged as changed:
                self._keys.forget(changed.kid)
                sign_in, by = None, order.by
        raise Refusal("service.busy")

    async def reverse(self, asked: Asked) -> Reversal:
        """Take a redemption back whole; the same reversal again gets the same answer.

        :raises Refusal: what :func:`gutschein.redemption.reversing.decide` says, and
            ``service.busy`` as :meth:`redeem`.
        """
        answer = asyncio.get_running_loop().create_future()
        order = ReversalOrder(asked, Stopwatch(), traces.here(), answer)
        return await self._cleared(order, reverse.write)

    async def ask(self, sign_in: SignIn, now: datetime) -> None:
        """Ask of a credential what only the database knows, where nothing is redeemed.

        :raises Refusal: as :meth:`redeem` says of the credential.
        """
        async with connected(self._pool, batch.BATCH_SECONDS) as connection:
            facts = await repository.ask(connection, sign_in, now)
            sign_in.asked = True
            if facts.nonce_is_fresh:
                try:
                    await repository.write(connection, [sign_in], {}, [], [])
                except IN_THE_WAY as error:
                    raise Refusal("device.replayed") from error
        let_in(sign_in, facts, now)

    async def _places(self, sale: Sale) -> list[Place]:
        places = []
        for index, item in enumerate(sale.items):
            with naming(index, sale):
                places.append(await self._keys.place_of(item.presented, sale.shop.town_id))
        return places

    def _order(
        self,
        sale: Sale,
        places: list[Place],
        now: datetime,
        sign_in: SignIn | None,
        by: By | None,
    ) -> Order:
        answer = asyncio.get_running_loop().create_future()
        return Order(sale, places, now, sign_in, by, Stopwatch(), traces.here(), answer)

    async def _cleared(self, order: Waiting[R], write: batch.Write[Any]) -> R:
        if self.is_full:
            raise Refusal("service.busy")
        lane = self._lanes.get(order.lane)
        if lane is None:
            lane = self._lanes[order.lane] = Lane(partial(self._run, write), self._room)
        self._waiting += 1
        metrics.clearing_queue.add()
        number = self._deadlines.begin(order.give_up)
        try:
            lane.put(order)
            return await order.answer
        finally:
            self._deadlines.end(number)
            self._waiting -= 1
            metrics.clearing_queue.add(-1)

    async def _run(self, write: batch.Write[Any], orders: list[Waiting[Any]]) -> None:
        takes = Stopwatch()
        metrics.clearing_batch_size.observe(len(orders))
        waited = [order.waited.seconds() for order in orders]
        for seconds in waited:
            metrics.clearing_wait_seconds.observe(seconds)
        self._pressure.see(waited, monotonic())
        metrics.clearing_batches_under_way.add()
        try:
            spans = [order.span for order in orders]
            with traces.span("clearing.batch", done_for=spans, orders=len(orders)):
                await batch.clear(self._pool, orders, write, self._held_up)
        finally:
            metrics.clearing_batches_under_way.add(-1)
        took = takes.seconds()
        metrics.clearing_commit_seconds.observe(took)
        if took > HELD_UP:
            self._held_up()

    def _held_up(self) -> None:
        """Those who waited meanwhile did so for no lack of speed."""
        self._pressure.disturbed(monotonic())
