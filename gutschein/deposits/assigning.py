"""Assign deposits to payment requests, and book the payments of those that are covered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gutschein.bank.rf_reference import format_reference
from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.deposits import repository, request_repository
from gutschein.deposits.requests import Paid, get_request
from gutschein.deposits.rules import Share
from gutschein.deposits.schemas import PaymentRequest
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.money import format_euro
from gutschein.payments.covered import Covered, book_covered
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey


async def assign(
    work: Work,
    town_id: TownId,
    deposit_id: UUID,
    request_id: UUID,
    *,
    by: Author,
    kek: KeyEncryptionKey,
    paid: Paid,
    now: datetime,
) -> PaymentRequest:
    """Assign what is left of a deposit to a request, as much as that misses. A second time
    changes nothing.

    :returns: the request, which may be paid now.
    :raises Refusal: ``deposit.unknown``, ``deposit.spent``, ``payment_request.unknown``,
        ``payment_request.paid``, ``payment_request.closed``, ``key.sealed``,
        ``bank_data.altered``.
    """
    await lock(work, town_id, "deposits")
    await request_repository.lock_requests(work, town_id, [request_id])
    asked = await get_request(work, town_id, request_id)
    key = await town_data_keys(work, town_id, kek)
    found = await repository.deposits_left(work, key, deposit_id)
    if not found:
        raise Refusal("deposit.unknown")
    given = await repository.assignments_of(work, town_id, [request_id])
    if deposit_id in given.get(request_id, {}) and asked.state != "closed":
        return asked
    if asked.state != "open":
        raise Refusal(f"payment_request.{asked.state}")
    if not (cents := min(found[0].left_cents, asked.missing_cents)):
        raise Refusal("deposit.spent")
    share = Share(deposit_id, request_id, cents)
    await settle(work, town_id, [share], [asked], by=by, paid=paid, now=now)
    after = f"{format_euro(cents)} zu {format_reference(asked.reference)}"
    subject = f"Geldeingang vom {found[0].received_on:%d.%m.%Y}"
    await record(work, town_id, Entry("deposit.assigned", by, subject, after=after, at=now))
    return await get_request(work, town_id, request_id)


async def settle(
    work: Work,
    town_id: TownId,
    shares: Sequence[Share],
    asked: Sequence[PaymentRequest],
    *,
    by: Author,
    paid: Paid,
    now: datetime,
) -> list[UUID]:
    """Write assignments down, book the payments of the requests that they cover, and say so.

    :param asked: locked open requests, among them all that the shares are for.
    :returns: the requests that were covered, in the order they were asked for.
    """
    if not shares:
        return []
    rows = [
        {
            "town_id": town_id,
            "deposit_id": share.deposit_id,
            "request_id": share.request_id,
            "amount_cents": share.amount_cents,
            "assigned_by": by.id,
            "assigned_by_name": by.name,
            "assigned_at": now,
        }
        for share in shares
    ]
    await repository.insert_assignments(work, rows)
    given = await repository.assignments_of(work, town_id, {each.request_id for each in shares})
    covered = sorted(
        (each for each in asked if sum(given.get(each.id, {}).values()) == each.amount_cents),
        key=lambda each: each.number,
    )
    if not covered:
        return []
    payments = [
        Covered(each.id, f"Überweisung {format_reference(each.reference)}", given[each.id])
        for each in covered
    ]
    await book_covered(work, town_id, payments, now)
    ids = [each.id for each in covered]
    await request_repository.end_requests(work, town_id, ids, "paid", now)
    for request_id in ids:
        await paid(work, town_id, request_id, now)
    return ids
