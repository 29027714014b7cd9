"""The SQL of what has happened on a voucher, as the public may know it: how much, on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId, VoucherId

# From the issuer's own book, which names no shop.
_MOVES = text(
    """
    SELECT booked_on, event, amount_cents
    FROM (
        SELECT ordinal, booked_on, event, amount_cents FROM transfer
        WHERE town_id = :town_id AND debit_account_id = :voucher_id AND event = 'redemption'
        UNION ALL
        SELECT ordinal, booked_on, event, amount_cents FROM transfer
        WHERE town_id = :town_id AND credit_account_id = :voucher_id AND event = 'reversal'
    ) moves
    ORDER BY ordinal DESC
    LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Move:
    """A redemption, or one that was taken back."""

    on: date
    amount_cents: int
    taken_back: bool


async def latest_moves(
    work: Work, town_id: TownId, voucher_id: VoucherId, limit: int
) -> list[Move]:
    """Return the redemptions of a voucher and those taken back, the latest first."""
    asked = {"town_id": town_id, "voucher_id": voucher_id, "limit": limit}
    rows = await work.execute(_MOVES, asked)
    return [Move(row.booked_on, row.amount_cents, row.event == "reversal") for row in rows]
