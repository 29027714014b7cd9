"""Clear a batch: many orders in one commit, and each of them on its own merits.

Two statements, however many orders there are: read all that decides, and write what was
decided. The second is a transaction of its own; it locks the vouchers, and books only if they
are free, and still what the first has read. If somebody was faster, they are locked first and
then read. Those that somebody holds are left out, and waited for afterwards, with nothing else
locked. What goes wrong with the set and is nobody's plain refusal is found by halving it, so
that a bad order fails alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, TypeAlias
from uuid import UUID

from gutschein.db.pool import (
    DEADLOCK,
    HELD,
    IN_THE_WAY,
    LOST,
    TAKEN,
    Connection,
    DatabaseError,
    Pool,
    committing,
    connected,
    pause,
)
from gutschein.devices.rules import SEEN_EVERY, USED_EVERY
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.redemption import clearing_repository as repository
from gutschein.redemption.deciding import Batch, Decided, KeyChanged, signed_in
from gutschein.redemption.facts import Facts
from gutschein.redemption.order import Order
from gutschein.redemption.pressure import NOTICED_AFTER
from gutschein.redemption.rules import By, CodeKey
from gutschein.redemption.transfers import redemption_transfers
from gutschein.redemption.waiting import W
from gutschein.watch import metrics
from gutschein.web.caller import SignIn
from gutschein.web.outage import is_outage

#: What an order ends with: what its till is told, or why not.
Outcome: TypeAlias = Decided | Exception
#: Reads, decides and writes orders of one kind, such as :func:`write`.
Write: TypeAlias = Callable[[Connection, Sequence[W]], Awaitable[Sequence[Any]]]

#: How often a batch is tried again when others were in its way, or its connection was lost.
MOST_RETRIES = 4
#: What a batch may take in one go; its statements may take less.
BATCH_SECONDS = 5
#: How long a voucher is waited for that somebody holds.
PATIENCE_SECONDS = 2


async def clear(
    pool: Pool, orders: Sequence[W], write: Write[W], held_up: Callable[[], None]
) -> None:
    """Clear *orders*, and settle each once its outcome is durable.

    No two of them share one of their marks. One that is not booked is settled with a
    :class:`Refusal`, or with :class:`KeyChanged` when it has to be looked up again.
    Other exceptions are those of the database: nothing is known to be booked, and the same
    order may be given again. :data:`HELD` is that of those whose voucher somebody has held for
    as long as it is waited for.

    :param write: what reads, decides and writes orders of their kind.
    :param held_up: is called when a voucher is waited for and it is no other batch that has it.
    """
    left, held, until = orders, list[CodeKey](), monotonic() + PATIENCE_SECONDS
    while left:
        outcomes: Sequence[Any]
        waits = bool(held)
        try:
            outcomes, held = await _tried(pool, left, write, held, held_up)
        except DatabaseError as error:
            if len(left) > 1 and (isinstance(error, HELD) or not is_outage(error)):
                metrics.clearing_bisections.add()
                half = len(left) // 2
                await clear(pool, left[:half], write, held_up)
                await clear(pool, left[half:], write, held_up)
                return
            taken = isinstance(error, TAKEN)
            outcomes = [Refusal(order.taken) if taken else error for order in left]
        except LOST as error:
            outcomes = [error] * len(left)
        if waits and monotonic() >= until:
            in_vain = HELD("somebody holds a voucher")
            outcomes = [in_vain if outcome is None else outcome for outcome in outcomes]
        for order, outcome in zip(left, outcomes, strict=True):
            if outcome is not None:
                order.settle(outcome.done if isinstance(outcome, Decided) else outcome)
        left = [order for order, outcome in zip(left, outcomes, strict=True) if outcome is None]


async def _tried(
    pool: Pool,
    orders: Sequence[W],
    write: Write[W],
    held: list[CodeKey],
    held_up: Callable[[], None],
) -> tuple[Sequence[Any], list[CodeKey]]:
    """Clear a batch as a whole, again when it failed for a reason that passes.

    Only what is tried again locks before it reads: such locks last until the event loop has
    come round to the next statement, and batches that meet them have to be tried again too.

    :param held: as it was returned the last time.
    :returns: as :func:`_locked`.
    """
    for retry in range(MOST_RETRIES):
        try:
            if retry or held:
                return await _locked(pool, orders, write, held, held_up)
            async with connected(pool, BATCH_SECONDS) as connection:
                return await write(connection, orders), []
        except IN_THE_WAY as error:
            deadlock = isinstance(error, DEADLOCK)
            metrics.count_retry("deadlock" if deadlock else "serialization")
            if retry == 0 and not deadlock:
                continue
        except LOST:
            metrics.count_retry("connection")
        await pause(retry)
    return await _locked(pool, orders, write, held, held_up)


async def _locked(
    pool: Pool,
    orders: Sequence[W],
    write: Write[W],
    held: list[CodeKey],
    held_up: Callable[[], None],
) -> tuple[Sequence[Any], list[CodeKey]]:
    """Lock the vouchers, then read, decide and write; those that somebody holds are left out.

    Whoever waits has nothing else locked: else others would wait for that, and hold up others
    in their turn.

    :param held: the first of these is waited for; so is the only one that the batch is about.
    :returns: the outcomes, ``None`` where a voucher is held, and the vouchers that are.
    """
    codes = {code for order in orders for code in order.codes}
    if len(codes) == 1:
        held = list(codes)
    async with committing(pool, BATCH_SECONDS) as connection:
        if held and not await _waited(connection, held[0], held_up):
            return [None] * len(orders), [*held[1:], held[0]]
        others = await repository.lock(connection, codes.difference(held[:1]))
        free = [order for order in orders if others.isdisjoint(order.codes)]
        outcomes = dict(zip(free, await write(connection, free), strict=True)) if free else {}
    return [outcomes.get(order) for order in orders], list(others)


async def _waited(connection: Connection, code: CodeKey, held_up: Callable[[], None]) -> bool:
    loop = asyncio.get_running_loop()
    notice = loop.call_later(NOTICED_AFTER, held_up)
    try:
        return await repository.wait_for(connection, code)
    finally:
        notice.cancel()


async def write(connection: Connection, orders: Sequence[Order]) -> list[Outcome]:
    """Read, decide and write *orders*.

    :raises DatabaseError: as :func:`gutschein.redemption.clearing_repository.write`.
    """
    asked = [
        (order, item, place)
        for order in orders
        for item, place in zip(order.sale.items, order.places, strict=True)
    ]
    found = iter(await repository.read(connection, asked))
    facts = [[next(found) for _ in order.places] for order in orders]
    batch = Batch()
    outcomes: list[Outcome] = []
    let_in: list[tuple[Order, By]] = []
    nonces: list[SignIn] = []
    for order, of_order in zip(orders, facts, strict=True):
        try:
            sign_in = order.sign_in_to_ask
            if sign_in is not None and of_order[0].nonce_is_fresh:
                nonces.append(sign_in)  # it serves once, whatever comes of it
            by = signed_in(order, of_order[0])
            let_in.append((order, by))
            outcomes.append(batch.decide(order, by, of_order))
        except (Refusal, KeyChanged) as refused:
            outcomes.append(refused)
    fresh = [each for one in outcomes if isinstance(one, Decided) for each in one.fresh]
    transfers = [transfer for each in fresh for transfer in redemption_transfers(each)]
    is_undone = False
    try:
        await _note_uses(connection, orders, facts)
        if fresh or nonces:
            await repository.write(connection, nonces, batch.spent, fresh, transfers)
    except DatabaseError as error:
        is_undone = not isinstance(error, LOST)
        raise
    finally:
        if not is_undone:
            _asked(orders, let_in)
    return outcomes


def _asked(orders: Sequence[Order], let_in: Sequence[tuple[Order, By]]) -> None:
    """Ask nobody's credential again.

    When the answer of the database is lost, the nonce may have been noted all the same.
    """
    for order, by in let_in:
        order.by = by
    for order in orders:
        if order.sign_in is not None:
            order.sign_in.asked = True


async def _note_uses(
    connection: Connection, orders: Sequence[Order], facts: Sequence[Sequence[Facts]]
) -> None:
    """Note who was there, of those who were not noted for a while."""
    devices: dict[tuple[TownId, UUID], datetime] = {}
    api_keys: dict[tuple[TownId, UUID], datetime] = {}
    for order, of_order in zip(orders, facts, strict=True):
        sign_in, fact = order.sign_in, of_order[0]
        if sign_in is None:
            continue
        if sign_in.device_id and fact.seen_at and fact.seen_at < order.now - SEEN_EVERY:
            devices[sign_in.town_id, sign_in.device_id] = order.now
        if sign_in.api_key_id and (fact.used_at is None or fact.used_at < order.now - USED_EVERY):
            api_keys[sign_in.town_id, sign_in.api_key_id] = order.now
    if devices or api_keys:
        await repository.note_uses(connection, devices, api_keys)
