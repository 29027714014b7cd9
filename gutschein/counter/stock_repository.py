"""The SQL of stock: which issuing point sells which vouchers, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, text

from gutschein.counter.models import stock_range
from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId
from gutschein.merchants.schemas import IssuingPoint

_POINT_OF = text(
    """
    SELECT i.id, i.town_id, i.name, i.opened_at
    FROM stock_range r
    JOIN issuing_point i ON i.town_id = r.town_id AND i.id = r.issuing_point_id
    WHERE r.town_id = :town_id AND :serial BETWEEN r.first_serial AND r.last_serial
    ORDER BY r.assigned_at DESC, r.id DESC
    LIMIT 1
    """
)

_FOR_STOCK = text(
    """
    SELECT count(*) FROM voucher
    WHERE town_id = :town_id AND serial BETWEEN :first_serial AND :last_serial
      AND stock_order_id IS NOT NULL
    """
)

# Serials that follow one another and have come to the same: their number less their place in
# the order of their like is the same for all of them.
_SPANS = text(
    """
    SELECT range_id, fate, min(serial) AS first_serial, max(serial) AS last_serial
    FROM (
        SELECT range_id, fate, serial,
               serial - row_number() OVER (PARTITION BY range_id, fate ORDER BY serial) AS island
        FROM (
            SELECT own.id AS range_id, v.serial,
                   CASE WHEN newest.id <> own.id THEN 'moved'
                        WHEN v.batch_id IS NOT NULL THEN 'sold'
                        WHEN v.state = 'blocked' THEN 'missing'
                        ELSE 'in_stock' END AS fate
            FROM stock_range own
            JOIN voucher v ON v.town_id = own.town_id
                AND v.serial BETWEEN own.first_serial AND own.last_serial
            CROSS JOIN LATERAL (
                SELECT r.id FROM stock_range r
                WHERE r.town_id = own.town_id
                  AND v.serial BETWEEN r.first_serial AND r.last_serial
                ORDER BY r.assigned_at DESC, r.id DESC
                LIMIT 1
            ) newest
            WHERE own.town_id = :town_id AND own.issuing_point_id = :point_id
        ) fates
    ) placed
    GROUP BY range_id, fate, island
    ORDER BY first_serial
    """
)

_VOUCHER_OF_SERIAL = text(
    "SELECT id FROM voucher"
    " WHERE town_id = :town_id AND serial = :serial AND stock_order_id IS NOT NULL"
)


async def point_of(work: Work, town_id: TownId, serial: int) -> IssuingPoint | None:
    """Return the issuing point that a voucher in stock was assigned to last."""
    rows = await work.execute(_POINT_OF, {"town_id": town_id, "serial": serial})
    row = rows.mappings().one_or_none()
    return None if row is None else IssuingPoint(**row)


async def count_for_stock(work: Work, town_id: TownId, first: int, last: int) -> int:
    """Return how many vouchers with these serials were printed for stock."""
    serials = {"town_id": town_id, "first_serial": first, "last_serial": last}
    return int((await work.execute(_FOR_STOCK, serials)).scalar_one())


async def find_in_stock(work: Work, town_id: TownId, serial: int) -> UUID | None:
    """Return the voucher of a serial, if it was printed for stock."""
    rows = await work.execute(_VOUCHER_OF_SERIAL, {"town_id": town_id, "serial": serial})
    found: UUID | None = rows.scalar_one_or_none()
    return found


async def insert_range(work: Work, row: dict[str, Any]) -> None:
    """Insert an assignment, by the columns of ``stock_range``."""
    await work.execute(insert(stock_range).values(row))


async def list_ranges(work: Work, town_id: TownId, point_id: UUID) -> Sequence[Row[Any]]:
    """Return what was assigned to an issuing point, the newest first."""
    rows = await work.execute(
        select(stock_range)
        .where(stock_range.c.town_id == town_id, stock_range.c.issuing_point_id == point_id)
        .order_by(stock_range.c.assigned_at.desc(), stock_range.c.id.desc())
    )
    return rows.all()


async def spans_of(work: Work, town_id: TownId, point_id: UUID) -> Sequence[Row[Any]]:
    """Return what became of the vouchers of an issuing point's ranges, in spans of serials:
    ``in_stock``, ``sold``, ``missing`` (blocked in stock) or ``moved`` (assigned again since).
    """
    rows = await work.execute(_SPANS, {"town_id": town_id, "point_id": point_id})
    return rows.all()
