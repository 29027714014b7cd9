"""The outbox's SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.mail.models import mail_outbox

_WAITING = (mail_outbox.c.sent_at.is_(None), mail_outbox.c.given_up_at.is_(None))
_WIPED = {"sealed_to": b"", "sealed_content": b""}


async def insert_mail(work: Work, row: dict[str, Any]) -> bool:
    """Insert a mail unless its id is taken; tell whether it was inserted."""
    statement = insert(mail_outbox).values(row).on_conflict_do_nothing()
    return (await work.execute(statement)).rowcount == 1


async def claim_due(work: Work, now: datetime) -> Row[Any] | None:
    """Lock the mail that has waited longest, past those that others have locked."""
    query = (
        select(mail_outbox)
        .where(*_WAITING, mail_outbox.c.next_attempt_at <= now)
        .order_by(mail_outbox.c.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await work.execute(query)).one_or_none()


async def set_attempt(work: Work, mail_id: UUID, attempts: int, next_at: datetime) -> None:
    await _change(work, mail_id, attempts=attempts, next_attempt_at=next_at)


async def set_error(work: Work, mail_id: UUID, error: str) -> None:
    await _change(work, mail_id, last_error=error)


async def set_sent(work: Work, mail_id: UUID, now: datetime) -> None:
    """Note that a mail was taken, and wipe it."""
    await _change(work, mail_id, sent_at=now, last_error=None, **_WIPED)


async def give_up(
    work: Work, mail_id: UUID, error: str, now: datetime, *, recipient_refused: bool
) -> None:
    """Note that a mail will not be sent, and wipe it."""
    end = {"given_up_at": now, "last_error": error, "recipient_refused": recipient_refused}
    await _change(work, mail_id, **end, **_WIPED)


async def give_up_all(work: Work, error: str, now: datetime) -> int:
    """Note of all mails that wait that they will not be sent, and wipe them."""
    waiting = update(mail_outbox).where(*_WAITING)
    ended = waiting.values(given_up_at=now, last_error=error, **_WIPED)
    return (await work.execute(ended)).rowcount


async def find_end(work: Work, mail_id: UUID) -> Row[datetime | None, datetime | None, bool] | None:
    """Return whether and how a mail has ended."""
    ends = (mail_outbox.c.sent_at, mail_outbox.c.given_up_at, mail_outbox.c.recipient_refused)
    return (await work.execute(select(*ends).where(mail_outbox.c.id == mail_id))).one_or_none()


async def delete_ended(work: Work, before: datetime) -> int:
    """Delete what was sent or given up before an instant; return how many."""
    ended = or_(mail_outbox.c.sent_at < before, mail_outbox.c.given_up_at < before)
    return (await work.execute(delete(mail_outbox).where(ended))).rowcount


async def _change(work: Work, mail_id: UUID, **values: Any) -> None:
    # A mail has one end; whoever comes second, after a stall, changes nothing.
    waiting = update(mail_outbox).where(mail_outbox.c.id == mail_id, *_WAITING)
    await work.execute(waiting.values(values))
