"""Reverse: take a redemption back whole, by the same merchant, on the same day or approved."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RedemptionId, ReversalId
from gutschein.ledger.posting import post
from gutschein.redemption import repository, voucher_repository
from gutschein.redemption.rules import (
    UNKNOWN,
    By,
    Redemption,
    Reversal,
    Shop,
    check_exists,
    check_same_day,
    check_same_merchant,
)
from gutschein.redemption.transfers import reversal_transfers
from gutschein.vouchers.rules import VoucherState


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

    The same reversal again gets the same answer. A blocked voucher is credited and stays
    blocked; a branch that has closed since may still set its day right.

    :param any_day: whether a second person has approved it, so that the day does not matter.
    :raises Refusal: ``redemption.unknown``, what :func:`check_exists` says of the shop,
        ``reversal.other_merchant``, ``reversal.already``, ``reversal.too_late``,
        ``voucher.expired``, and ``request.conflict`` when the id stands for something else.
    """
    redemptions = await repository.stored_redemptions(work, shop.town_id, [redemption_id])
    if redemption_id not in redemptions:
        raise Refusal("redemption.unknown")
    redemption = redemptions[redemption_id]
    check_exists(await repository.find_branch(work, shop))
    check_same_merchant(redemption, shop)
    town_id, voucher_id = await voucher_repository.lock_living(
        work, (redemption.issuing_town_id, redemption.voucher_id)
    )
    if done := await repository.find_reversal(work, shop.town_id, redemption_id):
        if done.id != reversal_id:
            raise Refusal("reversal.already")
        if done.shop != shop:
            raise Refusal("request.conflict")
        return done
    if not any_day:
        check_same_day(redemption, berlin_day(now))
    view = (await voucher_repository.views(work, [(town_id, voucher_id)]))[town_id, voucher_id]
    if view.standing.state is VoucherState.EXPIRED:
        raise Refusal("voucher.expired", date=view.standing.valid_until)
    reversal = Reversal(
        id=reversal_id,
        redemption_id=redemption_id,
        shop=shop,
        credited_voucher_id=voucher_id,
        amount_cents=redemption.amount_cents,
        balance_after_cents=view.standing.balance_cents + redemption.amount_cents,
        reversed_at=max(now, redemption.redeemed_at),  # the clock may have been set back since
        by=by,
    )
    await _book(work, redemption, reversal)
    return reversal


async def _book(work: Work, redemption: Redemption, reversal: Reversal) -> None:
    """Write the reversal and move the money back.

    An id that stands for something else shows only now, as in a redemption.
    """
    if not await repository.insert_reversal(work, reversal):
        raise Refusal("request.conflict")
    try:
        await post(work, reversal_transfers(redemption, reversal), reversal.reversed_at)
    except Refusal as refusal:
        if refusal.code == "transfer.conflict":
            raise Refusal("request.conflict") from refusal
        raise
