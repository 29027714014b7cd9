"""Clear a batch: many orders in one commit, and each of them on its own merits.

Five statements and a commit, however many orders there are: lock the vouchers, read what
else decides, book the redemptions, post the transfers. What goes wrong with the set and is
nobody's plain refusal is found by halving it, so that a bad order fails alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from gutschein.db.pool import (
    DEADLOCK,
    HELD,
    IN_THE_WAY,
    LOST,
    Connection,
    DatabaseError,
    Pool,
    committing,
    pause,
)
from gutschein.devices.rules import SEEN_EVERY, USED_EVERY
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, TownId
from gutschein.ledger.entries import NewTransfer
from gutschein.ledger.rules import balance_changes
from gutschein.redemption import clearing_repository as repository
from gutschein.redemption.deciding import Batch, Decided, KeyChanged, signed_in
from gutschein.redemption.facts import Facts
from gutschein.redemption.order import Order
from gutschein.redemption.rules import By, Redemption
from gutschein.redemption.transfers import redemption_transfers
from gutschein.watch import metrics
from gutschein.web.outage import is_outage

#: What an order ends with: what its till is told, or why not.
Outcome: TypeAlias = Decided | Exception

#: How often a batch is tried again when others were in its way, or its connection was lost.
MOST_RETRIES = 4
#: What a batch may take; its statements may take less.
BATCH_SECONDS = 5


class _Overtaken(Exception):
    """An id of the batch was taken while the batch was under way, or stands for another thing."""


async def clear(pool: Pool, orders: Sequence[Order]) -> None:
    """Clear *orders*, and settle each once its outcome is durable.

    No two of them share the id of an item, or a nonce. One that is not redeemed is settled
    with a :class:`Refusal`, or with :class:`KeyChanged` when it has to be looked up again.
    Other exceptions are those of the database: nothing is known to be booked, and the same
    order may be given again.
    """
    try:
        outcomes: Sequence[Outcome] = await _tried(pool, orders)
    except (_Overtaken, DatabaseError) as error:
        if len(orders) > 1 and (isinstance(error, HELD) or not is_outage(error)):
            metrics.clearing_bisections.add()
            half = len(orders) // 2
            await clear(pool, orders[:half])
            await clear(pool, orders[half:])
            return
        overtaken = isinstance(error, _Overtaken)
        outcomes = [Refusal("redemption.conflict") if overtaken else error] * len(orders)
    except LOST as error:
        outcomes = [error] * len(orders)
    for order, outcome in zip(orders, outcomes, strict=True):
        order.settle(outcome.done if isinstance(outcome, Decided) else outcome)


async def write(connection: Connection, orders: Sequence[Order]) -> list[Outcome]:
    """Clear *orders* within what *connection* is about to commit.

    :raises _Overtaken: when an id turns out to be taken. Then, and when the database raises,
        all of it must be rolled back.
    """
    codes = {code for order in orders for place in order.places for code in place.codes}
    batch = Batch(await repository.lock(connection, sorted(codes)))
    asked = [
        (order, item, place, batch.issuer(place))
        for order in orders
        for item, place in zip(order.sale.items, order.places, strict=True)
    ]
    found = iter(await repository.read(connection, asked))
    facts = [[next(found) for _ in order.places] for order in orders]
    outcomes: list[Outcome] = []
    let_in: list[tuple[Order, By]] = []
    for order, of_order in zip(orders, facts, strict=True):
        try:
            by = signed_in(order, of_order[0])
            let_in.append((order, by))
            outcomes.append(batch.decide(order, by, of_order))
        except (Refusal, KeyChanged) as refused:
            outcomes.append(refused)
    if fresh := [each for one in outcomes if isinstance(one, Decided) for each in one.fresh]:
        await _book(connection, fresh)
    await _note_uses(connection, orders, facts)
    # From here on the answer of the database may get lost: who is let in must not be asked
    # again, since the nonce may have been noted.
    for order, by in let_in:
        order.by = by
    for order in orders:
        if order.sign_in is not None:
            order.sign_in.asked = True
    return outcomes


async def _tried(pool: Pool, orders: Sequence[Order]) -> list[Outcome]:
    """Clear a batch as a whole, again when it failed for a reason that passes."""
    for retry in range(MOST_RETRIES):
        try:
            return await _cleared(pool, orders)
        except IN_THE_WAY as error:
            deadlock = isinstance(error, DEADLOCK)
            metrics.count_retry("deadlock" if deadlock else "serialization")
        except _Overtaken:
            if len(orders) > 1 or retry:
                raise
        except LOST:
            metrics.count_retry("connection")
        await pause(retry)
    return await _cleared(pool, orders)


async def _cleared(pool: Pool, orders: Sequence[Order]) -> list[Outcome]:
    async with committing(pool, BATCH_SECONDS) as connection:
        return await write(connection, orders)


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


async def _book(connection: Connection, fresh: Sequence[Redemption]) -> None:
    """Write what was decided.

    :raises _Overtaken: when an id turns out to be taken.
    """
    transfers: list[NewTransfer] = []
    instants = []
    for one in fresh:
        of_one = redemption_transfers(one)
        transfers += of_one
        instants += [one.redeemed_at] * len(of_one)
    spent = {(each.issuing_town_id, AccountId(each.voucher_id)) for each in fresh}
    changes = {key: cents for key, cents in balance_changes(transfers).items() if key in spent}
    if await repository.book(connection, fresh) < len(fresh):
        raise _Overtaken
    posted, changed = await repository.post(connection, transfers, instants, changes)
    if (posted, changed) != (len(transfers), len(spent)):
        raise _Overtaken
