"""The SQL of payment requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.deposits.models import payment_request
from gutschein.deposits.schemas import PaymentRequest
from gutschein.kernel.ids import TownId
from gutschein.towns.models import town_counter

_NUMBERS = "payment request"

_REQUESTS = """
    SELECT r.*, coalesce((
        SELECT sum(a.amount_cents) FROM deposit_assignment a
        WHERE a.town_id = r.town_id AND a.request_id = r.id AND r.state <> 'closed'
    ), 0)::bigint AS assigned_cents
    FROM payment_request r
    WHERE r.town_id = :town_id AND {condition}
    ORDER BY r.number
"""

_FIND = text(_REQUESTS.format(condition="r.id = :id"))
_OPEN = text(_REQUESTS.format(condition="r.state = 'open'"))
_NAMED = text(
    _REQUESTS.format(
        condition="(r.id = ANY(CAST(:ids AS uuid[]))"
        " OR r.reference = ANY(CAST(:references AS text[])))"
    )
)

# Locked first and read afterwards: what was assigned meanwhile is only seen by a new statement.
_LOCK = text(
    "SELECT id FROM payment_request WHERE town_id = :town_id"
    " AND (id = ANY(CAST(:ids AS uuid[])) OR reference = ANY(CAST(:references AS text[])))"
    " ORDER BY id FOR NO KEY UPDATE"
)


async def lock_numbers(work: Work, town_id: TownId) -> int:
    """Lock the town's series of numbers of requests and return the last one given out."""
    rows = await work.execute(
        insert(town_counter)
        .values(town_id=town_id, name=_NUMBERS, value=0)
        .on_conflict_do_update(
            index_elements=["town_id", "name"], set_={"value": town_counter.c.value}
        )
        .returning(town_counter.c.value)
    )
    return int(rows.scalar_one())


async def insert_request(
    work: Work,
    town_id: TownId,
    request_id: UUID,
    *,
    number: int,
    reference: str,
    amount_cents: int,
    due_on: date,
    asked_at: datetime,
) -> None:
    """Insert an open request under the next number of a series that is locked."""
    await work.execute(
        insert(payment_request).values(
            town_id=town_id,
            id=request_id,
            number=number,
            reference=reference,
            amount_cents=amount_cents,
            state="open",
            due_on=due_on,
            asked_at=asked_at,
        )
    )
    await work.execute(
        update(town_counter)
        .where(town_counter.c.town_id == town_id, town_counter.c.name == _NUMBERS)
        .values(value=number)
    )


async def find_request(work: Work, town_id: TownId, request_id: UUID) -> PaymentRequest | None:
    rows = await work.execute(_FIND, {"town_id": town_id, "id": request_id})
    row = rows.mappings().one_or_none()
    return None if row is None else PaymentRequest(**row)


async def open_requests(work: Work, town_id: TownId) -> list[PaymentRequest]:
    """Return what is asked for and not covered yet, in the order it was asked for."""
    rows = await work.execute(_OPEN, {"town_id": town_id})
    return [PaymentRequest(**row) for row in rows.mappings()]


async def named_requests(
    work: Work, town_id: TownId, ids: Sequence[UUID], references: Sequence[str] = ()
) -> list[PaymentRequest]:
    """Return the requests of these ids and references that there are."""
    values = {"town_id": town_id, "ids": list(ids), "references": list(references)}
    rows = await work.execute(_NAMED, values)
    return [PaymentRequest(**row) for row in rows.mappings()]


async def lock_requests(
    work: Work, town_id: TownId, ids: Sequence[UUID], references: Sequence[str] = ()
) -> None:
    """Keep requests from being closed or assigned to by others until this unit of work ends."""
    await work.execute(
        _LOCK, {"town_id": town_id, "ids": list(ids), "references": list(references)}
    )


async def end_requests(
    work: Work, town_id: TownId, request_ids: Sequence[UUID], state: str, at: datetime
) -> None:
    """Let open requests be ``paid`` or ``closed``."""
    await work.execute(
        update(payment_request)
        .where(payment_request.c.town_id == town_id, payment_request.c.id.in_(request_ids))
        .values({"state": state, f"{state}_at": at})
    )
