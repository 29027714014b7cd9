"""The SQL of passkeys and their challenges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.identity.models import challenge, passkey, person
from gutschein.kernel.ids import PersonId


async def insert_challenge(work: Work, row: dict[str, Any]) -> None:
    await work.execute(insert(challenge).values(row))


async def use_challenge(
    work: Work, challenge_id: UUID, purpose: str, person_id: PersonId | None, now: datetime
) -> bytes | None:
    """Use a challenge up and return it; ``None`` when it is past, used, or for another."""
    result = await work.execute(
        update(challenge)
        .where(
            challenge.c.id == challenge_id,
            challenge.c.purpose == purpose,
            challenge.c.person_id.is_not_distinct_from(person_id),
            challenge.c.used_at.is_(None),
            challenge.c.ends_at > now,
        )
        .values(used_at=now)
        .returning(challenge.c.value)
    )
    value: bytes | None = result.scalar_one_or_none()
    return value


async def purge_challenges(work: Work, now: datetime) -> int:
    """Delete challenges that are past; return how many."""
    return (await work.execute(delete(challenge).where(challenge.c.ends_at <= now))).rowcount


async def insert_passkey(work: Work, row: dict[str, Any]) -> bool:
    """Insert a passkey unless it is known; tell whether it was inserted."""
    statement = insert(passkey).values(row).on_conflict_do_nothing()
    return (await work.execute(statement)).rowcount == 1


async def lock_passkey(work: Work, credential_id: bytes) -> Row[Any] | None:
    """Return a passkey whose person may sign in, and make other uses of it wait."""
    query = (
        select(passkey, person.c.email_hash)
        .join(person, person.c.id == passkey.c.person_id)
        .where(
            passkey.c.credential_id == credential_id,
            passkey.c.removed_at.is_(None),
            person.c.disabled_at.is_(None),
        )
        .with_for_update(of=passkey)
    )
    return (await work.execute(query)).one_or_none()


async def list_passkeys(work: Work, person_id: PersonId) -> Sequence[Row[Any]]:
    """Return a person's passkeys, the oldest first."""
    query = (
        select(passkey)
        .where(passkey.c.person_id == person_id, passkey.c.removed_at.is_(None))
        .order_by(passkey.c.created_at, passkey.c.id)
    )
    return (await work.execute(query)).all()


async def change_passkey(work: Work, person_id: PersonId, passkey_id: UUID, **values: Any) -> bool:
    """Change a passkey; tell whether that person has it."""
    result = await work.execute(
        update(passkey)
        .where(
            passkey.c.id == passkey_id,
            passkey.c.person_id == person_id,
            passkey.c.removed_at.is_(None),
        )
        .values(values)
    )
    return result.rowcount == 1
