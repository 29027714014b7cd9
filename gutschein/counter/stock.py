"""Stock of an issuing point: vouchers assigned to it by their serials, and what is missing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gutschein.counter import stock_repository
from gutschein.counter.schemas import NewStockRange, PointStock, Span, StockRange
from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, VoucherId, new_id
from gutschein.merchants.service import get_issuing_point
from gutschein.vouchers import activation, life, repository


async def assign(
    work: Work, town_id: TownId, point_id: UUID, new: NewStockRange, *, by: Author, now: datetime
) -> PointStock:
    """Let an issuing point sell vouchers in stock from now on, also ones that another one had.

    :raises Refusal: ``issuing_point.unknown``, ``stock.serials`` when one of the serials is not
        of a voucher that was printed for stock.
    """
    point = await get_issuing_point(work, town_id, point_id)
    # The town's series of serials: of two who assign at once, one comes after the other.
    await repository.lock_serials(work, town_id)
    first, last = new.first_serial, new.last_serial
    wanted = last - first + 1
    if wanted < 1 or await stock_repository.count_for_stock(work, town_id, first, last) != wanted:
        raise Refusal("stock.serials", first=first, last=last)
    ranges = await stock_repository.list_ranges(work, town_id, point_id)
    if ranges and (ranges[0].first_serial, ranges[0].last_serial) == (first, last):
        return await stock_of(work, town_id, point_id)
    await stock_repository.insert_range(
        work,
        {
            "town_id": town_id,
            "id": new_id(),
            "issuing_point_id": point_id,
            "first_serial": first,
            "last_serial": last,
            "assigned_by": by.id,
            "assigned_by_name": by.name,
            "assigned_at": now,
        },
    )
    entry = Entry("stock.assigned", by, point.name, after=f"Nummer {first} bis {last}", at=now)
    await record(work, town_id, entry)
    return await stock_of(work, town_id, point_id)


async def stock_of(work: Work, town_id: TownId, point_id: UUID) -> PointStock:
    """Return what an issuing point was assigned, and what became of it.

    :raises Refusal: ``issuing_point.unknown``.
    """
    await get_issuing_point(work, town_id, point_id)
    spans: dict[tuple[UUID, str], list[Span]] = {}
    for row in await stock_repository.spans_of(work, town_id, point_id):
        span = Span(first_serial=row.first_serial, last_serial=row.last_serial)
        spans.setdefault((row.range_id, row.fate), []).append(span)
    ranges = [
        StockRange(
            id=row.id,
            first_serial=row.first_serial,
            last_serial=row.last_serial,
            assigned_at=row.assigned_at,
            assigned_by_name=row.assigned_by_name,
            in_stock_count=count_of(spans.get((row.id, "in_stock"), [])),
            sold_count=count_of(spans.get((row.id, "sold"), [])),
            missing_count=count_of(spans.get((row.id, "missing"), [])),
            moved_count=count_of(spans.get((row.id, "moved"), [])),
            in_stock=spans.get((row.id, "in_stock"), []),
            missing=spans.get((row.id, "missing"), []),
        )
        for row in await stock_repository.list_ranges(work, town_id, point_id)
    ]
    return PointStock(ranges=ranges, in_stock_count=sum(each.in_stock_count for each in ranges))


async def report_missing(
    work: Work, town_id: TownId, point_id: UUID, *, serial: int, reason: str, now: datetime
) -> None:
    """Block a voucher in stock that is not there any more: nobody can sell it.

    :raises Refusal: ``issuing_point.unknown``, ``voucher.unknown`` for a serial that is not in
        stock here, ``voucher.sold`` for one that was sold.
    """
    await get_issuing_point(work, town_id, point_id)
    point = await stock_repository.point_of(work, town_id, serial)
    voucher_id = await stock_repository.find_in_stock(work, town_id, serial)
    if voucher_id is None or point is None or point.id != point_id:
        raise Refusal("voucher.unknown")
    await repository.lock_voucher(work, town_id, VoucherId(voucher_id))
    card = await activation.get_card(work, town_id, VoucherId(voucher_id))
    if card.sold_on is not None:
        raise Refusal("voucher.sold", date=card.sold_on)
    await life.block(work, town_id, VoucherId(voucher_id), reason, now)


def count_of(spans: list[Span]) -> int:
    """Return how many vouchers stand in spans."""
    return sum(span.last_serial - span.first_serial + 1 for span in spans)
