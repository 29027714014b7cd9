"""The SQL of batches: an order that was carried out, its vouchers, and what is left to print."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select, text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import BatchId, PaymentId, ProgrammeId, TownId
from gutschein.vouchers.batch import Batch, Order, Part
from gutschein.vouchers.models import voucher_batch

# What is the same for all vouchers of a batch stands there once.
_INSERT_PART = text(
    """
    INSERT INTO voucher (town_id, id, batch_id, programme_id, serial, kid, code_hash, sealed_code,
                         status_tag, sealed_pin, pin_hash, face_value_cents, cap_cents,
                         valid_until, state, issued_at)
    SELECT CAST(:town_id AS uuid), v.id, CAST(:batch_id AS uuid), CAST(:programme_id AS uuid),
           CAST(:first_serial AS int) + v.n - 1, CAST(:kid AS bytea), v.code_hash, v.sealed_code,
           v.status_tag, v.sealed_pin, v.pin_hash, CAST(:value_cents AS bigint),
           CAST(:cap_cents AS bigint), CAST(:valid_until AS date), 'active',
           CAST(:issued_at AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:code_hashes AS bytea[]),
                CAST(:sealed_codes AS bytea[]), CAST(:status_tags AS bytea[]),
                CAST(:sealed_pins AS bytea[]), CAST(:pin_hashes AS bytea[]))
         WITH ORDINALITY AS v(id, code_hash, sealed_code, status_tag, sealed_pin, pin_hash, n)
    """
)

_PRINTABLE = text(
    """
    SELECT count(*), min(serial), max(serial)
    FROM voucher
    WHERE town_id = :town_id AND batch_id = :batch_id AND serial > :after_serial
      AND state = 'active'
    """
)


@dataclass(frozen=True, slots=True)
class Printable:
    """How many vouchers of a batch can be printed, and the serials they begin and end with."""

    count: int
    first_serial: int
    last_serial: int


async def find_batch(work: Work, town_id: TownId, batch_id: BatchId) -> Batch | None:
    rows = await work.execute(
        select(voucher_batch).where(
            voucher_batch.c.town_id == town_id, voucher_batch.c.id == batch_id
        )
    )
    row = rows.one_or_none()
    if row is None:
        return None
    order = Order(
        TownId(row.town_id),
        BatchId(row.id),
        ProgrammeId(row.programme_id),
        PaymentId(row.payment_id),
        row.voucher_count,
        row.value_cents,
        row.sold_on,
    )
    return Batch(order, row.sold_on, row.valid_until, row.first_serial, row.issued_at)


async def insert_batch(work: Work, batch: Batch) -> None:
    order = batch.order
    await work.execute(
        insert(voucher_batch).values(
            town_id=order.town_id,
            id=order.batch_id,
            programme_id=order.programme_id,
            payment_id=order.payment_id,
            voucher_count=order.voucher_count,
            value_cents=order.value_cents,
            sold_on=batch.sold_on,
            valid_until=batch.valid_until,
            first_serial=batch.first_serial,
            issued_at=batch.issued_at,
        )
    )


async def insert_part(work: Work, batch: Batch, kid: bytes, cap_cents: int, part: Part) -> None:
    """Insert some vouchers of a batch."""
    order = batch.order
    await work.execute(
        _INSERT_PART,
        {
            "town_id": order.town_id,
            "batch_id": order.batch_id,
            "programme_id": order.programme_id,
            "first_serial": part.first_serial,
            "kid": kid,
            "value_cents": order.value_cents,
            "cap_cents": cap_cents,
            "valid_until": batch.valid_until,
            "issued_at": batch.issued_at,
            "ids": part.ids,
            "code_hashes": part.code_hashes,
            "sealed_codes": part.sealed_codes,
            "status_tags": part.status_tags,
            "sealed_pins": part.sealed_pins,
            "pin_hashes": part.pin_hashes,
        },
    )


async def printable(
    work: Work, town_id: TownId, batch_id: BatchId, after_serial: int
) -> Printable | None:
    """Return what of a batch can be printed behind a serial, ``None`` where nothing is left."""
    rows = await work.execute(
        _PRINTABLE, {"town_id": town_id, "batch_id": batch_id, "after_serial": after_serial}
    )
    found = Printable(*rows.one())
    return found if found.count else None
