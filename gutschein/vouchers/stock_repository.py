"""The SQL of vouchers in stock: orders, activation codes, and the one time that each is sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, text, update

from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.ids import BatchId, ProgrammeId, TownId, VoucherId
from gutschein.vouchers.models import voucher
from gutschein.vouchers.rules import VoucherState
from gutschein.vouchers.stock import Stock, StockOrder, StockPart
from gutschein.vouchers.stock_models import activation_code, stock_order

_INSERT_PART = text(
    """
    INSERT INTO voucher (town_id, id, stock_order_id, programme_id, serial, kid, code_hash,
                         sealed_code, status_tag, sealed_pin, pin_hash, face_value_cents,
                         cap_cents, valid_until, state, issued_at)
    SELECT CAST(:town_id AS uuid), v.id, CAST(:order_id AS uuid), CAST(:programme_id AS uuid),
           CAST(:first_serial AS int) + v.n - 1, CAST(:kid AS bytea), v.code_hash, v.sealed_code,
           v.status_tag, v.sealed_pin, v.pin_hash, CAST(:value_cents AS bigint),
           CAST(:cap_cents AS bigint), CAST(:valid_until AS date), 'stock',
           CAST(:ordered_at AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:code_hashes AS bytea[]),
                CAST(:sealed_codes AS bytea[]), CAST(:status_tags AS bytea[]),
                CAST(:sealed_pins AS bytea[]), CAST(:pin_hashes AS bytea[]))
         WITH ORDINALITY AS v(id, code_hash, sealed_code, status_tag, sealed_pin, pin_hash, n)
    """
)

_INSERT_CODES = text(
    """
    INSERT INTO activation_code (town_id, voucher_id, code_hash, sealed_code)
    SELECT CAST(:town_id AS uuid), c.*
    FROM unnest(CAST(:ids AS uuid[]), CAST(:code_hashes AS bytea[]),
                CAST(:sealed_codes AS bytea[])) AS c
    """
)

_FIND_CARD = text(
    """
    SELECT v.id, v.serial, v.state, v.kid, v.programme_id, v.batch_id, s.value_cents,
           s.sell_until, b.sold_on
    FROM voucher v
    JOIN stock_order s ON s.town_id = v.town_id AND s.id = v.stock_order_id
    LEFT JOIN voucher_batch b ON b.town_id = v.town_id AND b.id = v.batch_id
    WHERE v.town_id = :town_id AND v.id = :id
    """
)


async def insert_stock(work: Work, stock: Stock) -> None:
    row = asdict(stock.order) | {
        "token_value_cents": stock.token_value_cents,
        "token_valid_until": stock.token_valid_until,
        "first_serial": stock.first_serial,
        "ordered_by": stock.ordered_by.id,
        "ordered_by_name": stock.ordered_by.name,
        "ordered_at": stock.ordered_at,
    }
    await work.execute(insert(stock_order).values(row))


async def insert_part(
    work: Work, stock: Stock, part: StockPart, *, kid: bytes, cap_cents: int
) -> None:
    """Insert vouchers of an order, and the codes that activate them."""
    made = part.vouchers
    await work.execute(
        _INSERT_PART,
        {
            "town_id": stock.order.town_id,
            "order_id": stock.order.id,
            "programme_id": stock.order.programme_id,
            "first_serial": made.first_serial,
            "kid": kid,
            "value_cents": stock.token_value_cents,
            "cap_cents": cap_cents,
            "valid_until": stock.token_valid_until,
            "ordered_at": stock.ordered_at,
            "ids": made.ids,
            "code_hashes": made.code_hashes,
            "sealed_codes": made.sealed_codes,
            "status_tags": made.status_tags,
            "sealed_pins": made.sealed_pins,
            "pin_hashes": made.pin_hashes,
        },
    )
    await work.execute(
        _INSERT_CODES,
        {
            "town_id": stock.order.town_id,
            "ids": made.ids,
            "code_hashes": part.activation_hashes,
            "sealed_codes": part.sealed_activations,
        },
    )


async def find_stock(work: Work, town_id: TownId, order_id: UUID) -> Stock | None:
    found = await list_stock(work, town_id, order_id)
    return found[0] if found else None


async def list_stock(work: Work, town_id: TownId, order_id: UUID | None = None) -> list[Stock]:
    """Return a town's orders, the newest first; or the one named."""
    query = (
        select(stock_order)
        .where(stock_order.c.town_id == town_id)
        .order_by(stock_order.c.first_serial.desc())
    )
    if order_id is not None:
        query = query.where(stock_order.c.id == order_id)
    return [_stock_of(row) for row in await work.execute(query)]


async def find_by_activation(work: Work, town_id: TownId, code_hash: bytes) -> VoucherId | None:
    """Return the voucher that a code activates, or has activated."""
    rows = await work.execute(
        select(activation_code.c.voucher_id).where(
            activation_code.c.town_id == town_id, activation_code.c.code_hash == code_hash
        )
    )
    found: VoucherId | None = rows.scalar_one_or_none()
    return found


async def is_redemption_code(work: Work, town_id: TownId, code_hash: bytes) -> bool:
    """Tell whether a code is one that a voucher of the town is redeemed with."""
    rows = await work.execute(
        select(voucher.c.id).where(voucher.c.town_id == town_id, voucher.c.code_hash == code_hash)
    )
    return rows.first() is not None


async def find_card(work: Work, town_id: TownId, voucher_id: VoucherId) -> Row[Any] | None:
    """Return a voucher that was printed for stock, and its order's terms."""
    rows = await work.execute(_FIND_CARD, {"town_id": town_id, "id": voucher_id})
    return rows.one_or_none()


async def mark_sold(
    work: Work,
    town_id: TownId,
    voucher_id: VoucherId,
    *,
    batch_id: BatchId,
    value_cents: int,
    valid_until: date,
    now: datetime,
) -> None:
    """Let a locked voucher be what it was sold as. Its money must be on it already."""
    await work.execute(
        update(voucher)
        .where(voucher.c.town_id == town_id, voucher.c.id == voucher_id)
        .values(
            state=str(VoucherState.ACTIVE),
            batch_id=batch_id,
            face_value_cents=value_cents,
            valid_until=valid_until,
            issued_at=now,
        )
    )


async def sealed_activations(
    work: Work, town_id: TownId, voucher_ids: Sequence[VoucherId]
) -> dict[VoucherId, bytes]:
    """Return the sealed activation codes of vouchers."""
    rows = await work.execute(
        select(activation_code.c.voucher_id, activation_code.c.sealed_code).where(
            activation_code.c.town_id == town_id, activation_code.c.voucher_id.in_(voucher_ids)
        )
    )
    return {VoucherId(row.voucher_id): bytes(row.sealed_code) for row in rows}


def _stock_of(row: Row[Any]) -> Stock:
    order = StockOrder(
        TownId(row.town_id),
        row.id,
        ProgrammeId(row.programme_id),
        row.voucher_count,
        row.value_cents,
        row.sell_until,
    )
    by = Author(row.ordered_by, row.ordered_by_name)
    return Stock(
        order, row.token_value_cents, row.token_valid_until, row.first_serial, by, row.ordered_at
    )
