"""The SQL of a branch's day.

Redemptions and reversals are read as their town; the numbers of its neighbours' vouchers
stand in rows that only the clearing may read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, RowMapping, text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import end_of_day
from gutschein.redemption.rules import Shop, VoucherKey

# By time, as the index has them, and not by day. A redemption may be taken back later and
# elsewhere, a reversal may be of an earlier day.
_REDEMPTIONS = """
    FROM redemption r
    LEFT JOIN reversal v ON v.town_id = r.town_id AND v.redemption_id = r.id
    WHERE r.town_id = :town_id AND r.merchant_id = :merchant_id AND r.branch_id = :branch_id
      AND r.redeemed_at >= :begin AND r.redeemed_at < :end
"""
_REVERSALS = """
    FROM reversal v
    JOIN redemption r ON r.town_id = v.town_id AND r.id = v.redemption_id
    WHERE v.town_id = :town_id AND v.merchant_id = :merchant_id AND v.branch_id = :branch_id
      AND v.reversed_at >= :begin AND v.reversed_at < :end
"""
_NAMES = """
    LEFT JOIN device d ON d.town_id = :town_id AND d.id = e.device_id
    LEFT JOIN api_key k ON k.town_id = :town_id AND k.id = e.api_key_id
    LEFT JOIN cashier c ON c.town_id = :town_id AND c.id = e.cashier_id
"""

_SUMS = text(
    f"""
    SELECT e.*, COALESCE(d.name, k.name) AS device_name, c.name AS cashier_name
    FROM (
        SELECT 'redemption' AS kind, r.device_id, r.api_key_id, r.cashier_id,
               count(*) AS entry_count, sum(r.amount_cents)::bigint AS cents,
               count(v.id) AS reversed_count
        {_REDEMPTIONS}
        GROUP BY r.device_id, r.api_key_id, r.cashier_id
        UNION ALL
        SELECT 'reversal', v.device_id, v.api_key_id, v.cashier_id, count(*),
               sum(v.amount_cents)::bigint, 0
        {_REVERSALS}
        GROUP BY v.device_id, v.api_key_id, v.cashier_id
    ) e
    {_NAMES}
    ORDER BY e.kind, e.device_id, e.api_key_id, e.cashier_id
    """  # noqa: S608 - parts of our own
)

# Of what happened at the same moment, the reversal came last.
_ENTRIES = text(
    f"""
    SELECT e.*, COALESCE(d.name, k.name) AS device_name, c.name AS cashier_name,
           t.name AS issuing_town_name, p.name AS programme_name
    FROM (
        SELECT 'redemption' AS kind, r.id, r.redeemed_at AS at, r.amount_cents,
               r.balance_after_cents, r.issuing_town_id, r.programme_id, r.voucher_id, r.sale_id,
               NULL::uuid AS redemption_id, v.id AS reversal_id,
               r.device_id, r.api_key_id, r.cashier_id
        {_REDEMPTIONS}
        UNION ALL
        SELECT 'reversal', v.id, v.reversed_at, v.amount_cents, v.balance_after_cents,
               r.issuing_town_id, r.programme_id, v.credited_voucher_id, r.sale_id,
               r.id, NULL::uuid, v.device_id, v.api_key_id, v.cashier_id
        {_REVERSALS}
    ) e
    JOIN town t ON t.id = e.issuing_town_id
    JOIN programme p ON p.town_id = e.issuing_town_id AND p.id = e.programme_id
    {_NAMES}
    ORDER BY e.at DESC, e.kind DESC, e.id DESC
    LIMIT :most
    """  # noqa: S608 - parts of our own
)

_SERIALS = text(
    """
    SELECT v.town_id, v.id, v.serial
    FROM voucher v
    JOIN unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[])) AS k(town_id, id)
        USING (town_id, id)
    """
)


@dataclass(frozen=True, slots=True)
class BranchDay:
    """A branch of a shop, and a day in Germany."""

    shop: Shop
    day: date

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "town_id": self.shop.town_id,
            "merchant_id": self.shop.merchant_id,
            "branch_id": self.shop.branch_id,
            "begin": end_of_day(self.day - timedelta(days=1)),
            "end": end_of_day(self.day),
        }


async def sums(work: Work, of: BranchDay) -> Sequence[Row[Any]]:
    """Return count and cents of each kind by device or API key and by cashier, with their
    names, and how many of the redemptions were taken back.
    """
    return (await work.execute(_SUMS, of.parameters)).all()


async def entries(work: Work, of: BranchDay, most: int | None = None) -> Sequence[RowMapping]:
    """Return redemptions and reversals, the newest first."""
    return (await work.execute(_ENTRIES, of.parameters | {"most": most})).mappings().all()


async def branch_name(work: Work, shop: Shop) -> str:
    """Return what a branch that exists is called."""
    rows = await work.execute(
        text("SELECT name FROM branch WHERE town_id = :town_id AND id = :id"),
        {"town_id": shop.town_id, "id": shop.branch_id},
    )
    return str(rows.scalar_one())


async def serials(work: Work, keys: Iterable[VoucherKey]) -> dict[VoucherKey, int]:
    """Return the numbers of vouchers. Those of several towns are for the clearing to read."""
    wanted = list(set(keys))
    rows = await work.execute(
        _SERIALS,
        {"town_ids": [town_id for town_id, _ in wanted], "ids": [id_ for _, id_ in wanted]},
    )
    return {(row.town_id, row.id): row.serial for row in rows}
