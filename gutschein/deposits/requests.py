"""What a town asks to be paid: asked under a reference, paid by deposits, or closed without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from uuid import UUID

from gutschein.bank.rf_reference import make_reference
from gutschein.db.unit_of_work import Work
from gutschein.deposits import request_repository
from gutschein.deposits.schemas import PaymentRequest
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS, is_amount

__all__ = ["Paid", "PaymentRequest", "ask", "close_request", "get_request", "payable_reference"]

#: What is told of a request that has been paid, in the unit of work that booked its payment.
#: A refusal would take back everything that this unit of work brought in.
Paid = Callable[[Work, TownId, UUID, datetime], Awaitable[None]]

_DIGITS = 8


async def ask(
    work: Work,
    town_id: TownId,
    request_id: UUID,
    amount_cents: int,
    *,
    due_on: date,
    now: datetime,
) -> PaymentRequest:
    """Ask for an amount, once for ever by the id, which its payment will have too.

    :raises Refusal: ``amount.invalid``, ``request.conflict`` when the id was asked for with
        another amount or day.
    """
    if not is_amount(amount_cents):
        raise Refusal("amount.invalid", max_cents=LARGEST_AMOUNT_CENTS)
    # Whoever asks under the same id meanwhile waits here, so that no number is lost to it.
    number = await request_repository.lock_numbers(work, town_id) + 1
    found = await request_repository.find_request(work, town_id, request_id)
    if found is None:
        await request_repository.insert_request(
            work,
            town_id,
            request_id,
            number=number,
            reference=payable_reference(number),
            amount_cents=amount_cents,
            due_on=due_on,
            asked_at=now,
        )
        return await get_request(work, town_id, request_id)
    if (found.amount_cents, found.due_on) != (amount_cents, due_on):
        raise Refusal("request.conflict")
    return found


async def get_request(work: Work, town_id: TownId, request_id: UUID) -> PaymentRequest:
    """Return a request, with what was assigned to it so far.

    :raises Refusal: ``payment_request.unknown``.
    """
    found = await request_repository.find_request(work, town_id, request_id)
    if found is None:
        raise Refusal("payment_request.unknown")
    return found


async def close_request(work: Work, town_id: TownId, request_id: UUID, now: datetime) -> None:
    """Expect nothing any more. Again changes nothing. What was assigned in part is free again,
    and a task for the town.

    Whoever locks rows of their own for what was asked closes the request first: an import locks
    the request before it says that it is paid.

    :raises Refusal: ``payment_request.unknown``, ``payment_request.paid``.
    """
    await request_repository.lock_requests(work, town_id, [request_id])
    found = await get_request(work, town_id, request_id)
    if found.state == "paid":
        raise Refusal("payment_request.paid")
    if found.state == "open":
        await request_repository.end_requests(work, town_id, [request_id], "closed", now)


def payable_reference(number: int) -> str:
    """Return the reference that the request of a number is paid under."""
    return make_reference(f"{number:0{_DIGITS}d}")
