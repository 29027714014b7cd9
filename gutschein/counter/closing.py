"""Close the cash of an issuing point: what the books expect, what was counted, what is taken
to the bank.

A difference is noted and never booked away: it stands in every closing until it is found. What
is taken to the bank leaves the cash account for the trust account at once.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gutschein.counter import repository
from gutschein.counter.rules import check_count
from gutschein.counter.schemas import CashClosing, NewCashClosing
from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, TransferId, derived_id, new_id
from gutschein.kernel.money import format_euro
from gutschein.ledger.balances import balance_of
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Event, NewTransfer
from gutschein.ledger.posting import post
from gutschein.merchants.service import get_issuing_point


async def close_cash(
    work: Work, town_id: TownId, point_id: UUID, new: NewCashClosing, *, by: Author, now: datetime
) -> tuple[CashClosing, bool]:
    """Close the cash of an issuing point and return the closing, and whether this call did.

    :raises Refusal: ``issuing_point.unknown``, ``closing.banked``, ``closing.difference`` when
        the count differs and nobody says why, ``request.conflict``.
    """
    point = await get_issuing_point(work, town_id, point_id)
    # Whoever sells there meanwhile waits until the cash is counted, or was before us.
    await lock(work, point_id, "desk")
    closing_id = new.id or new_id()
    if found := await repository.list_closings(work, town_id, point_id, closing_id=closing_id):
        if _given(found[0]) != (new.counted_cents, new.banked_cents, new.reason):
            raise Refusal("request.conflict")
        return found[0], False
    expected_cents = await cash_of(work, town_id, point_id)
    check_count(expected_cents, new.counted_cents, new.banked_cents, new.reason)
    last = await repository.list_closings(work, town_id, point_id)
    taken = await repository.taken_since(work, town_id, point_id)
    row = {
        "town_id": town_id,
        "id": closing_id,
        "issuing_point_id": point_id,
        "number": last[0].number + 1 if last else 1,
        "follows": last[0].number if last else None,
        "carried_in_cents": last[0].expected_cents - last[0].banked_cents if last else 0,
        "cash_taken_cents": taken.cash_cents,
        "card_taken_cents": taken.card_cents,
        "expected_cents": expected_cents,
        "counted_cents": new.counted_cents,
        "banked_cents": new.banked_cents,
        "reason": new.reason,
        "closed_by": by.id,
        "closed_by_name": by.name,
        "closed_at": now,
        "closed_on": berlin_day(now),
    }
    await repository.insert_closing(work, row)
    if new.banked_cents:
        await _take_to_the_bank(
            work, town_id, point_id, closing_id, cents=new.banked_cents, now=now
        )
    [closing] = await repository.list_closings(work, town_id, point_id, closing_id=closing_id)
    difference = format_euro(closing.difference_cents)
    after = (
        f"Abschluss {closing.number}: gezählt {format_euro(closing.counted_cents)}, Unterschied"
        f" {difference}, zur Bank {format_euro(closing.banked_cents)}"
    )
    entry = Entry("cash.closed", by, point.name, after=after, reason=new.reason, at=now)
    await record(work, town_id, entry)
    return closing, True


async def cash_of(work: Work, town_id: TownId, point_id: UUID) -> int:
    """Return what should be in the cash of an issuing point by the books, in cents."""
    return -await balance_of(work, town_id, account_id(town_id, AccountKind.CASH, point_id))


async def get_closing(work: Work, town_id: TownId, point_id: UUID, closing_id: UUID) -> CashClosing:
    """Return a closing of an issuing point.

    :raises Refusal: ``closing.unknown``.
    """
    found = await repository.list_closings(work, town_id, point_id, closing_id=closing_id)
    if not found:
        raise Refusal("closing.unknown")
    return found[0]


async def _take_to_the_bank(
    work: Work, town_id: TownId, point_id: UUID, closing_id: UUID, *, cents: int, now: datetime
) -> None:
    transfer = NewTransfer(
        town_id=town_id,
        id=TransferId(derived_id(closing_id, Event.CASH_BANKED)),
        debit_account_id=account_id(town_id, AccountKind.TRUST_BANK),
        credit_account_id=account_id(town_id, AccountKind.CASH, point_id),
        amount_cents=cents,
        event=Event.CASH_BANKED,
        reference_id=closing_id,
    )
    await post(work, [transfer], now)


def _given(closing: CashClosing) -> tuple[int, int, str | None]:
    return closing.counted_cents, closing.banked_cents, closing.reason
