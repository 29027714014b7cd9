"""What must hold after every fault: what was acknowledged is there once, the rest is decided."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from random import Random

import asyncpg
from bookings import Booking
from region import FACE_CENTS, Region
from service import Service
from tills import Till, Tills

#: So many bookings of each till that were acknowledged long ago are sent once more.
REPEATED = 5

_REDEMPTIONS = """
    SELECT id::text, coalesce(sale_id::text, '') AS belongs_to, voucher_id::text AS voucher,
           amount_cents, balance_after_cents, town_id::text, merchant_id::text,
           issuing_town_id::text
    FROM redemption
"""
_REVERSALS = """
    SELECT id::text, redemption_id::text AS belongs_to, credited_voucher_id::text AS voucher,
           amount_cents, balance_after_cents
    FROM reversal
"""
_LEFT = "SELECT owner_id::text, balance_cents FROM ledger_account WHERE kind = 'voucher'"
_OWED = """
    SELECT a.town_id::text AS town, a.owner_id::text AS owner, sum(m.cents)::bigint AS cents
    FROM ledger_account a
    JOIN (
        SELECT town_id, credit_account_id AS id, amount_cents AS cents FROM transfer
        UNION ALL
        SELECT town_id, debit_account_id, -amount_cents FROM transfer
    ) m USING (town_id, id)
    WHERE a.kind IN ('merchant_payable', 'clearing')
    GROUP BY a.town_id, a.owner_id
"""

#: Id, what it belongs to, voucher, amount, balance afterwards: as in :meth:`Booking.facts`.
Fact = tuple[str, str, str, int, int]


@dataclass(frozen=True)
class Books:
    """What stands in the database."""

    redemptions: list[Fact]
    reversals: list[Fact]
    left_cents: dict[str, int]
    owed_cents: dict[tuple[str, str], int]

    @classmethod
    async def read(cls, url: str) -> Books:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return cls(
                    redemptions=[_fact(row) for row in await connection.fetch(_REDEMPTIONS)],
                    reversals=[_fact(row) for row in await connection.fetch(_REVERSALS)],
                    left_cents={
                        row["owner_id"]: row["balance_cents"]
                        for row in await connection.fetch(_LEFT)
                    },
                    owed_cents={
                        (row["town"], row["owner"]): row["cents"]
                        for row in await connection.fetch(_OWED)
                    },
                )
        finally:
            await connection.close()


async def check_nothing_lost(
    region: Region, tills: Tills, service: Service, database_url: str, dice: Random
) -> None:
    """Hold the database against what the tills remember, when none of them is at work.

    Every booking in doubt is asked for and sent again, until it is decided; what was
    acknowledged answers as it did; the rows are exactly what was acknowledged; the sums are
    the tills' own; and the auditor agrees.
    """
    async with asyncio.TaskGroup() as group:
        for till in tills:
            group.create_task(_decide_all(till, dice))
    books = await Books.read(database_url)
    _check_rows(books, tills.bookings)
    _check_sums(books, tills.bookings, region)
    _check_course(books)
    await check_audit(service, database_url)


async def _decide_all(till: Till, dice: Random) -> None:
    for booking in till.memory.bookings:
        if booking.is_in_doubt:
            await _decide(till, booking)
    done = [booking for booking in till.memory.bookings if booking.answer is not None]
    for booking in dice.sample(done, min(REPEATED, len(done))):
        await till.end(booking)


async def _decide(till: Till, booking: Booking) -> None:
    """Ask what became of a booking, then send it again: both say the same."""
    before = await till.ask(booking)
    await till.end(booking)
    if booking.refused is not None:
        return
    after = await till.ask(booking)
    if booking.is_reversal:
        assert [found and found["reversal_id"] for found in before] in ([None], [booking.id])
        assert [found and found["reversal_id"] for found in after] == [booking.id]
        return
    assert None not in after
    if booking.is_batch:
        assert all(each in (None, end) for each, end in zip(before, after, strict=True))
        return
    # A sale is booked whole or not at all.
    assert before in ([None] * len(after), after), (before, after)


def _fact(row: asyncpg.Record) -> Fact:
    id_, belongs_to, voucher, amount_cents, after_cents = tuple(row)[:5]
    return id_, belongs_to, voucher, amount_cents, after_cents


def _check_rows(books: Books, bookings: list[Booking]) -> None:
    """Each acknowledged one is there once, as it was acknowledged, and there is no other."""
    acknowledged = [booking for booking in bookings if booking.answer is not None]
    for kept, are_reversals in ((books.redemptions, False), (books.reversals, True)):
        told = [
            fact
            for booking in acknowledged
            if booking.is_reversal is are_reversals
            for fact in booking.facts()
        ]
        assert Counter(kept) == Counter(told), {
            "lost or otherwise than acknowledged": set(told) - set(kept),
            "never acknowledged": set(kept) - set(told),
        }
        assert len({fact[0] for fact in kept}) == len(kept)


def _check_sums(books: Books, bookings: list[Booking], region: Region) -> None:
    """What is left on vouchers, owed to merchants and between towns is what the tills say."""
    left = {paper.id: FACE_CENTS for paper in region.papers}
    owed: Counter[tuple[str, str]] = Counter()
    for booking in bookings:
        if booking.answer is None:
            continue
        sign = -1 if booking.is_reversal else 1
        for part in booking.parts:
            shop, issuer, cents = booking.shop, part.paper.town.id, sign * part.amount_cents
            left[part.paper.id] -= cents
            owed[shop.town_id, shop.merchant_id] += cents
            if issuer != shop.town_id:
                owed[issuer, shop.town_id] += cents
                owed[shop.town_id, issuer] -= cents
    assert books.left_cents == left
    assert {key: cents for key, cents in books.owed_cents.items() if cents} == {
        key: cents for key, cents in owed.items() if cents
    }


def _check_course(books: Books) -> None:
    """The balances that were told are those of one course of things: whatever a booking found
    on a voucher, the one before it had left there.
    """
    left: dict[str, Counter[int]] = {}
    for facts, sign in ((books.redemptions, 1), (books.reversals, -1)):
        for _, _, voucher, amount_cents, after_cents in facts:
            course = left.setdefault(voucher, Counter())
            course[after_cents] += 1
            course[after_cents + sign * amount_cents] -= 1
    for voucher, course in left.items():
        course[FACE_CENTS] += 1
        course[books.left_cents[voucher]] -= 1
        assert not any(course.values()), (voucher, course)


async def check_audit(service: Service, database_url: str) -> None:
    """Let ``gutschein audit`` find nothing."""
    code, said = await service.command("audit", "--json", DATABASE_URL=database_url)
    assert code == 0, json.loads(said)["findings"] if said.startswith("{") else said
