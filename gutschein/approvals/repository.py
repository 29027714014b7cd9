"""The SQL of requests for approval."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, case, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.approvals.models import approval_request
from gutschein.approvals.rules import Decision, Request, State
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.ids import TownId

_COLUMNS = tuple(approval_request.c[field.name] for field in fields(Request))
_UNDECIDED = approval_request.c.decision.is_(None)

_TOWNS = text(
    """
    SELECT t.id, t.name, t.brand_colour, count(q.id) AS open_count
    FROM town t
    LEFT JOIN approval_request q
        ON q.town_id = t.id AND q.decision IS NULL AND q.ends_at > :now
    WHERE t.id = ANY(CAST(:town_ids AS uuid[]))
    GROUP BY t.id, t.name, t.brand_colour
    ORDER BY t.name, t.id
    """
)


async def insert_request(work: Work, new: Request) -> bool:
    """Insert a request, unless its id is taken or one of its kind and subject is open."""
    result = await work.execute(
        insert(approval_request).values(asdict(new)).on_conflict_do_nothing()
    )
    return result.rowcount == 1


async def find_request(
    work: Work, town_id: TownId, request_id: UUID, *, lock: bool = False
) -> Request | None:
    """Return a request, locked against another decision when asked."""
    query = select(*_COLUMNS).where(
        approval_request.c.town_id == town_id, approval_request.c.id == request_id
    )
    if lock:
        query = query.with_for_update()
    row = (await work.execute(query)).one_or_none()
    return None if row is None else _request(row)


async def list_requests(
    work: Work,
    town_id: TownId,
    now: datetime,
    *,
    states: Collection[State] = (),
    kind: str | None = None,
    subject_id: UUID | None = None,
    limit: int,
) -> list[Request]:
    """Return a town's requests: open ones first, those that end soonest at the top; then
    the others, the newest first.

    :param states: those to be found; all of them when empty.
    """
    expired = and_(_UNDECIDED, approval_request.c.ends_at <= now)
    state = func.coalesce(
        approval_request.c.decision,
        case((expired, literal("expired")), else_=literal("open")),
    )
    is_open = state == "open"
    query = select(*_COLUMNS).where(approval_request.c.town_id == town_id)
    if states:
        query = query.where(or_(*(state == each for each in states)))
    if kind is not None:
        query = query.where(approval_request.c.kind == kind)
    if subject_id is not None:
        query = query.where(approval_request.c.subject_id == subject_id)
    rows = await work.execute(
        query.order_by(
            is_open.desc(),
            case((is_open, approval_request.c.ends_at)),
            approval_request.c.requested_at.desc(),
            approval_request.c.id.desc(),
        ).limit(limit)
    )
    return [_request(row) for row in rows]


async def towns_with_open(
    work: Work, town_ids: Collection[TownId], now: datetime
) -> Sequence[Row[Any]]:
    """Return ``id``, ``name`` and ``brand_colour`` of towns by name, and in ``open_count`` how
    many requests wait there.
    """
    return (await work.execute(_TOWNS, {"town_ids": list(town_ids), "now": now})).all()


async def decide(
    work: Work,
    request: Request,
    decision: Decision,
    author: Author,
    *,
    reason: str | None,
    now: datetime,
) -> None:
    """Write a person's decision on a locked request."""
    await work.execute(
        update(approval_request)
        .where(approval_request.c.town_id == request.town_id, approval_request.c.id == request.id)
        .values(
            decision=decision,
            decided_by=author.id,
            decided_by_name=author.name,
            decided_at=now,
            decision_reason=reason,
        )
    )


async def note_expired(work: Work, request: Request, now: datetime) -> None:
    """Note that the time of a request of the same kind and subject is over."""
    await work.execute(
        update(approval_request)
        .where(
            approval_request.c.town_id == request.town_id,
            approval_request.c.kind == request.kind,
            approval_request.c.subject_id == request.subject_id,
            approval_request.c.ends_at <= now,
            _UNDECIDED,
        )
        .values(decision="expired", decided_at=now)
    )


def _request(row: Row[Any]) -> Request:
    return Request(**row._asdict() | {"sealed_terms": bytes(row.sealed_terms)})
