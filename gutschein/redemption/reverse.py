"""Reverse: take a redemption back whole, by the same merchant, on the same day or approved.

A till's reversals go through the clearing engine, many at a time (:func:`write`); one that
somebody approves, in the unit of work of the approval (:func:`reverse`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gutschein.db.pool import Connection
from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RedemptionId, ReversalId
from gutschein.ledger.posting import post
from gutschein.redemption import repository, reversal_repository, voucher_repository
from gutschein.redemption.reversing import Asked, Batch, Facts, Living, ReversalOrder, decide
from gutschein.redemption.rules import UNKNOWN, By, Redemption, Reversal, Shop
from gutschein.redemption.transfers import reversal_transfers


async def reverse(
    work: Work,
    shop: Shop,
    reversal_id: ReversalId,
    redemption_id: RedemptionId,
    *,
    now: datetime,
    by: By = UNKNOWN,
    any_day: bool = False,
) -> Reversal:
    """Give the money back to the voucher, or to the one that has replaced it since.

    The same reversal again gets the same answer.

    :raises Refusal: as :func:`gutschein.redemption.reversing.decide` says.
    """
    asked = Asked(reversal_id, redemption_id, shop, now, by)
    found = await repository.stored_redemptions(work, shop.town_id, [redemption_id])
    redemption = found.get(redemption_id)
    facts = None if redemption is None else await _facts(work, asked, redemption)
    reversal = decide(asked, facts, any_day=any_day)
    if facts is not None and reversal is not facts.stored:
        await _book(work, facts.redemption, reversal)
    return reversal


async def _facts(work: Work, asked: Asked, redemption: Redemption) -> Facts:
    """Lock the voucher, and read the rest.

    Whether the id of the reversal stands for something else shows when it is booked.
    """
    branch = await repository.find_branch(work, asked.shop)
    key = await voucher_repository.lock_living(
        work, (redemption.issuing_town_id, redemption.voucher_id)
    )
    stored = await repository.find_reversal(work, asked.shop.town_id, redemption.id)
    standing = (await voucher_repository.views(work, [key]))[key].standing
    living = Living(key, standing.state, standing.valid_until, standing.balance_cents)
    return Facts(redemption, branch, stored, living)


async def _book(work: Work, redemption: Redemption, reversal: Reversal) -> None:
    """Write the reversal and move the money back."""
    if not await repository.insert_reversal(work, reversal):
        raise Refusal("request.conflict")
    try:
        await post(work, reversal_transfers(redemption, reversal), reversal.reversed_at)
    except Refusal as refusal:
        if refusal.code == "transfer.conflict":
            raise Refusal("request.conflict") from refusal
        raise


async def write(
    connection: Connection, orders: Sequence[ReversalOrder]
) -> list[Reversal | Exception]:
    """Read, decide and write *orders*.

    :returns: of each the reversal, or why not.
    :raises DatabaseError: as :func:`gutschein.redemption.reversal_repository.write`.
    """
    batch = Batch()
    outcomes: list[Reversal | Exception] = []
    found = await reversal_repository.read(connection, orders)
    for order, facts in zip(orders, found, strict=True):
        if facts is not None:
            order.codes = facts.living.codes  # to be locked when it is tried again
        try:
            outcomes.append(batch.decide(order.asked, facts))
        except Refusal as refusal:
            outcomes.append(refusal)
    if batch.fresh:
        await reversal_repository.write(connection, batch.credited, [*batch.fresh.values()])
    return outcomes
