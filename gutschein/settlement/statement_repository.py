"""The SQL of a merchant's own statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import MerchantId, StatementId, TownId

# Until a second person has approved them, statements are the town's business.
_OF_MERCHANT = """
    FROM statement s
    JOIN settlement p ON p.town_id = s.town_id AND p.id = s.settlement_id
    WHERE s.town_id = :town_id AND s.merchant_id = :merchant_id AND p.state = 'approved'
"""

# What the bank has sent back it may have confirmed before.
_LIST = text(
    f"""
    SELECT s.*, p.period_from, p.period_to, p.minimum_payout_cents,
           CASE WHEN s.payout_cents > 0 THEN COALESCE((
               SELECT max(e.kind) FROM payout_event e
               WHERE e.town_id = s.town_id AND e.statement_id = s.id
           ), 'in_transit') END AS payout_state
    {_OF_MERCHANT}
    ORDER BY p.number DESC
    """  # noqa: S608 - a part of our own
)

_IS = text(f"SELECT EXISTS (SELECT {_OF_MERCHANT} AND s.id = :statement_id)")


async def statements_of_merchant(
    work: Work, town_id: TownId, merchant_id: MerchantId
) -> Sequence[Row[Any]]:
    """Return a merchant's approved statements, the newest first, with their periods and how
    far each payout is: ``in_transit``, ``confirmed``, ``returned``, or ``None`` without one.
    """
    rows = await work.execute(_LIST, {"town_id": town_id, "merchant_id": merchant_id})
    return rows.all()


async def is_of_merchant(
    work: Work, town_id: TownId, merchant_id: MerchantId, statement_id: StatementId
) -> bool:
    """Tell whether an approved statement is that merchant's."""
    keys = {"town_id": town_id, "merchant_id": merchant_id, "statement_id": statement_id}
    return bool((await work.execute(_IS, keys)).scalar_one())
