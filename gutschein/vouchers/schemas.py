"""Batches and vouchers, as the API takes and gives them. A code is never among it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from litestar.params import QueryParameter
from msgspec import Meta, Struct
from sqlalchemy import Row

from gutschein.vouchers.batch import Batch
from gutschein.vouchers.progress import SILENCE
from gutschein.web.fields import AmountCents, Id, Input, NewThing, known_as, line

Count = Annotated[int, Meta(ge=1, description="How many vouchers, at most 100,000.", examples=[1])]
Day = Annotated[date, known_as("A day in Germany.", "2026-11-02")]
LastDay = Annotated[date, known_as("The last day, included.", "2029-12-31")]
Instant = Annotated[datetime, known_as("When, in UTC.", "2026-11-02T08:30:00Z")]
Serial = Annotated[int, known_as("The town's number of the voucher.", 1_234)]
StateName = Annotated[str, known_as("stock, active, blocked, replaced or expired.", "active")]
Reason = Annotated[str, line(200, "Why, in the words of whoever does it.", "Verloren gemeldet")]

AfterSerial = Annotated[
    int, QueryParameter(ge=0, le=2**31 - 1, description="Begin behind this serial.")
]


class NewBatch(NewThing, frozen=True, kw_only=True):
    """Vouchers of one value to be issued against a booked payment."""

    programme_id: Id
    payment_id: Id
    count: Count = 1
    value_cents: AmountCents
    sold_on: Annotated[
        date | None,
        known_as(
            "The day of the sale, from which the validity counts; today when absent. Earlier "
            "for vouchers that were sold before they were entered here.",
            "2026-11-02",
        ),
    ] = None
    accept_lapsed: Annotated[
        bool,
        known_as(
            "Take over vouchers whose last day is over, to let them lapse in these books.",
            example=False,
        ),
    ] = False


class VoucherEvent(Struct, frozen=True, kw_only=True):
    """A change of a voucher's state."""

    state: StateName
    reason: Annotated[str, known_as("Why.", "Verloren gemeldet")]
    happened_at: Instant


class Voucher(Struct, frozen=True, kw_only=True):
    """A voucher as the town sees it."""

    id: Id
    town_id: Id
    serial: Serial
    programme_id: Id
    programme_name: Annotated[str, known_as("What kind it is.", "Stadtgutschein Zwönitz")]
    face_value_cents: AmountCents
    balance_cents: Annotated[int, known_as("What is left, in cents.", 3_750)]
    valid_until: LastDay
    state: StateName
    batch_id: Id | None
    replaces_id: Id | None
    replaced_by_id: Id | None
    issued_at: Instant
    events: list[VoucherEvent]

    @classmethod
    def of(cls, row: Row[Any], events: Sequence[Row[Any]]) -> Voucher:
        return cls(
            id=row.id,
            town_id=row.town_id,
            serial=row.serial,
            programme_id=row.programme_id,
            programme_name=row.programme_name,
            face_value_cents=row.face_value_cents,
            balance_cents=row.balance_cents,
            valid_until=row.valid_until,
            state=row.state,
            batch_id=row.batch_id,
            replaces_id=row.replaces_id,
            replaced_by_id=row.replaced_by_id,
            issued_at=row.issued_at,
            events=[
                VoucherEvent(state=event.state, reason=event.reason, happened_at=event.happened_at)
                for event in events
                if event.voucher_id == row.id
            ],
        )


class VoucherBatch(Struct, frozen=True, kw_only=True):
    """A batch that was issued. Its vouchers are under ``…/batches/{id}/vouchers``."""

    id: Id
    town_id: Id
    programme_id: Id
    payment_id: Id
    count: Count
    value_cents: AmountCents
    sold_on: Day
    valid_until: LastDay
    first_serial: Serial
    last_serial: Serial
    issued_at: Instant

    @classmethod
    def of(cls, batch: Batch) -> VoucherBatch:
        order = batch.order
        return cls(
            id=order.batch_id,
            town_id=order.town_id,
            programme_id=order.programme_id,
            payment_id=order.payment_id,
            count=order.voucher_count,
            value_cents=order.value_cents,
            sold_on=batch.sold_on,
            valid_until=batch.valid_until,
            first_serial=batch.first_serial,
            last_serial=batch.first_serial + order.voucher_count - 1,
            issued_at=batch.issued_at,
        )


class BatchRun(Struct, frozen=True, kw_only=True):
    """Some work on a batch that is under way, or was broken off."""

    task: Annotated[str, known_as("issue or print.", "issue")]
    done_count: Annotated[int, known_as("How many vouchers are issued or printed.", 35_000)]
    total_count: Annotated[int, known_as("How many there will be.", 100_000)]
    began_at: Instant
    reported_at: Instant
    stopped: Annotated[
        bool,
        known_as("No report for 30 seconds: what it worked on was broken off.", example=False),
    ]

    @classmethod
    def of(cls, row: Row[Any], now: datetime) -> BatchRun:
        return cls(
            task=row.task,
            done_count=row.done_count,
            total_count=row.total_count,
            began_at=row.began_at,
            reported_at=row.reported_at,
            stopped=now - row.reported_at > SILENCE,
        )


class BatchProgress(Struct, frozen=True, kw_only=True):
    """What is under way with a batch. It is issued as a whole: before the end, nothing is."""

    batch_id: Id
    issued: Annotated[bool, known_as("Whether the batch is issued.", example=False)]
    runs: list[BatchRun]


class Vouchers(Struct, frozen=True, kw_only=True):
    """A page of vouchers by serial; the next begins after its last."""

    vouchers: list[Voucher]


class Blocking(Input, frozen=True, kw_only=True):
    """A voucher to be blocked."""

    reason: Reason


class Replacement(NewThing, frozen=True, kw_only=True):
    """A voucher to be replaced; ``id`` is that of the new one."""

    reason: Reason


class Expired(Struct, frozen=True, kw_only=True):
    """What an expiry run did."""

    expired_count: Annotated[int, known_as("How many vouchers have lapsed.", 12)]
