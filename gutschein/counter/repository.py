"""The SQL of sales at the desk and of the cash counted there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, text

from gutschein.counter.models import cash_closing, counter_sale
from gutschein.counter.schemas import CashClosing, CounterSale
from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId

_SALES = text(
    """
    SELECT s.id, s.town_id, s.issuing_point_id, i.name AS point_name, s.receipt_number, p.method,
           p.amount_cents, s.voucher_id, v.serial, v.stock_order_id IS NOT NULL AS from_stock,
           v.programme_id, g.name AS programme_name, b.valid_until, s.sold_at, s.sold_on,
           s.sold_by_name
    FROM counter_sale s
    JOIN issuing_point i ON i.town_id = s.town_id AND i.id = s.issuing_point_id
    JOIN payment p ON p.town_id = s.town_id AND p.id = s.id
    JOIN voucher v ON v.town_id = s.town_id AND v.id = s.voucher_id
    JOIN voucher_batch b ON b.town_id = s.town_id AND b.id = s.id
    JOIN programme g ON g.town_id = v.town_id AND g.id = v.programme_id
    WHERE s.town_id = :town_id AND s.issuing_point_id = :point_id
      AND (CAST(:id AS uuid) IS NULL OR s.id = :id)
    ORDER BY s.receipt_number DESC
    LIMIT :limit
    """
)

# What earlier closings told of is left out by amount, not by time: a payment may have been on
# its way when the cash was counted.
_TAKEN = text(
    """
    SELECT coalesce(sum(amount_cents) FILTER (WHERE method = 'cash'), 0)::bigint
               - coalesce((SELECT sum(cash_taken_cents) FROM cash_closing
                           WHERE town_id = :town_id AND issuing_point_id = :point_id), 0)::bigint
               AS cash_cents,
           coalesce(sum(amount_cents) FILTER (WHERE method = 'card'), 0)::bigint
               - coalesce((SELECT sum(card_taken_cents) FROM cash_closing
                           WHERE town_id = :town_id AND issuing_point_id = :point_id), 0)::bigint
               AS card_cents
    FROM payment
    WHERE town_id = :town_id AND issuing_point_id = :point_id
    """
)

_LAST_RECEIPT = text(
    "SELECT coalesce(max(receipt_number), 0) FROM counter_sale"
    " WHERE town_id = :town_id AND issuing_point_id = :point_id"
)


async def last_receipt_number(work: Work, town_id: TownId, point_id: UUID) -> int:
    """Return the number of the newest receipt of a locked issuing point; 0 before the first."""
    rows = await work.execute(_LAST_RECEIPT, {"town_id": town_id, "point_id": point_id})
    return int(rows.scalar_one())


async def insert_sale(work: Work, row: dict[str, Any]) -> None:
    """Insert a sale, by the columns of ``counter_sale``."""
    await work.execute(insert(counter_sale).values(row))


async def list_sales(
    work: Work, town_id: TownId, point_id: UUID, *, sale_id: UUID | None = None, limit: int = 1
) -> list[CounterSale]:
    """Return the newest sales of an issuing point, or the one named."""
    rows = await work.execute(
        _SALES, {"town_id": town_id, "point_id": point_id, "id": sale_id, "limit": limit}
    )
    return [CounterSale(**row) for row in rows.mappings()]


async def taken_since(work: Work, town_id: TownId, point_id: UUID) -> Row[Any]:
    """Return what cash and cards brought in that no closing has told of yet, in cents."""
    rows = await work.execute(_TAKEN, {"town_id": town_id, "point_id": point_id})
    return rows.one()


async def insert_closing(work: Work, row: dict[str, Any]) -> None:
    """Insert a closing, by the columns of ``cash_closing``."""
    await work.execute(insert(cash_closing).values(row))


async def list_closings(
    work: Work, town_id: TownId, point_id: UUID, *, closing_id: UUID | None = None, limit: int = 1
) -> list[CashClosing]:
    """Return the newest closings of an issuing point, or the one named."""
    columns = [column for column in cash_closing.c if column.name not in {"follows", "closed_by"}]
    difference = (cash_closing.c.counted_cents - cash_closing.c.expected_cents).label(
        "difference_cents"
    )
    query = (
        select(*columns, difference)
        .where(
            cash_closing.c.town_id == town_id,
            cash_closing.c.issuing_point_id == point_id,
        )
        .order_by(cash_closing.c.number.desc())
        .limit(limit)
    )
    if closing_id is not None:
        query = query.where(cash_closing.c.id == closing_id)
    return [CashClosing(**row) for row in (await work.execute(query)).mappings()]
