"""The SQL of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, text, update

from gutschein.db.unit_of_work import Work
from gutschein.identity.models import session
from gutschein.kernel.ids import PersonId

#: A session with its person and the roles of this very moment: a row for each role, or one
#: row without.
_FIND = text(
    """
    SELECT s.id, s.person_id, s.second_factor, s.browser, s.begun_at, s.proved_at, s.seen_at,
           s.sealed_new_totp, p.name, p.language, p.email_hash,
           p.password_hash IS NOT NULL AS has_password,
           p.sealed_totp IS NOT NULL AS has_totp,
           EXISTS (SELECT FROM passkey k WHERE k.person_id = p.id AND k.removed_at IS NULL)
               AS has_passkey,
           g.role, g.region_id, g.town_id, g.merchant_id
    FROM session s
    JOIN person p ON p.id = s.person_id
    LEFT JOIN role_grant g ON g.person_id = p.id AND g.revoked_at IS NULL
    WHERE s.token_hash = :token_hash AND s.ended_at IS NULL AND s.ends_at > :now
      AND p.disabled_at IS NULL
    ORDER BY g.granted_at, g.id
    """
)
_LIST = text(
    """
    SELECT s.id, s.browser, s.begun_at, s.seen_at, s.second_factor,
           p.sealed_totp IS NOT NULL OR EXISTS (
               SELECT FROM passkey k WHERE k.person_id = p.id AND k.removed_at IS NULL
           ) AS has_factor
    FROM session s
    JOIN person p ON p.id = s.person_id
    WHERE s.person_id = :person_id AND s.ended_at IS NULL AND s.ends_at > :now
    ORDER BY s.seen_at DESC, s.id
    """
)


async def insert_session(work: Work, row: dict[str, Any]) -> None:
    await work.execute(insert(session).values(row))


async def find_session(work: Work, token_hash: bytes, now: datetime) -> Sequence[Row[Any]]:
    """Return a session that has not ended, with a row for each role of its person."""
    return (await work.execute(_FIND, {"token_hash": token_hash, "now": now})).all()


async def note_seen(work: Work, session_id: UUID, now: datetime) -> None:
    await work.execute(update(session).where(session.c.id == session_id).values(seen_at=now))


async def keep_new_totp(work: Work, session_id: UUID, sealed: bytes | None) -> None:
    """Keep the secret of an authenticator that is being set up in a session."""
    await work.execute(
        update(session).where(session.c.id == session_id).values(sealed_new_totp=sealed)
    )


async def list_sessions(work: Work, person_id: PersonId, now: datetime) -> Sequence[Row[Any]]:
    """Return a person's sessions that have not ended, the latest in use first."""
    return (await work.execute(_LIST, {"person_id": person_id, "now": now})).all()


async def end_session(work: Work, person_id: PersonId, session_id: UUID, now: datetime) -> bool:
    """End one session of a person; tell whether it had not ended."""
    result = await work.execute(
        update(session)
        .where(
            session.c.id == session_id,
            session.c.person_id == person_id,
            session.c.ended_at.is_(None),
        )
        .values(ended_at=now, sealed_new_totp=None)
    )
    return result.rowcount == 1


async def end_sessions(
    work: Work, person_id: PersonId, now: datetime, *, but: UUID | None = None
) -> int:
    """End a person's sessions, all or all but one; return how many."""
    statement = (
        update(session)
        .where(session.c.person_id == person_id, session.c.ended_at.is_(None))
        .values(ended_at=now, sealed_new_totp=None)
    )
    if but is not None:
        statement = statement.where(session.c.id != but)
    return (await work.execute(statement)).rowcount


async def purge(work: Work, before: datetime) -> int:
    """Delete sessions that were over before an instant; return how many."""
    return (await work.execute(delete(session).where(session.c.ends_at < before))).rowcount
