"""The SQL of invitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, insert, select, update

from gutschein.db.unit_of_work import Work
from gutschein.identity.models import one_time_link, person
from gutschein.kernel.ids import PersonId
from gutschein.people.models import invitation

_WAITING = and_(invitation.c.accepted_at.is_(None), invitation.c.retracted_at.is_(None))
_FORGOTTEN: dict[str, Any] = {"email_hash": None, "sealed_email": None}


async def insert_invitation(work: Work, row: dict[str, Any]) -> None:
    await work.execute(insert(invitation).values(row))


async def find_invitation(work: Work, invitation_id: UUID) -> Row[Any] | None:
    """Return an invitation that was neither accepted nor retracted."""
    query = select(invitation).where(invitation.c.id == invitation_id, _WAITING)
    return (await work.execute(query)).one_or_none()


async def open_invitations(
    work: Work, scope: Mapping[str, UUID | None], now: datetime
) -> Sequence[Row[Any]]:
    """Return the open invitations of a place, the newest first, with ``inviter_name``."""
    query = (
        select(invitation, person.c.name.label("inviter_name"))
        .join(person, person.c.id == invitation.c.invited_by)
        .where(_at(scope), _WAITING, invitation.c.ends_at > now)
        .order_by(invitation.c.invited_at.desc(), invitation.c.id.desc())
    )
    return (await work.execute(query)).all()


async def waiting_ids(
    work: Work, scope: Mapping[str, UUID | None], email_hash: bytes
) -> Sequence[UUID]:
    """Return the invitations of a place to one address that wait."""
    query = select(invitation.c.id).where(
        _at(scope), _WAITING, invitation.c.email_hash == email_hash
    )
    return (await work.execute(query)).scalars().all()


async def accept(work: Work, invitation_id: UUID, person_id: PersonId, now: datetime) -> bool:
    """Note who accepted, and forget the address; tell whether the invitation still waited."""
    result = await work.execute(
        update(invitation)
        .where(invitation.c.id == invitation_id, _WAITING)
        .values(accepted_at=now, accepted_by=person_id, **_FORGOTTEN)
    )
    return result.rowcount == 1


async def retract(work: Work, invitation_id: UUID, by: PersonId, now: datetime) -> bool:
    """Retract an invitation and its link; tell whether it still waited."""
    await work.execute(
        update(one_time_link)
        .where(one_time_link.c.invitation_id == invitation_id, one_time_link.c.used_at.is_(None))
        .values(used_at=now)
    )
    result = await work.execute(
        update(invitation)
        .where(invitation.c.id == invitation_id, _WAITING)
        .values(retracted_at=now, retracted_by=by, **_FORGOTTEN)
    )
    return result.rowcount == 1


async def forget_addresses(work: Work, before: datetime) -> int:
    """Forget the addresses of invitations that ended before an instant; return how many."""
    result = await work.execute(
        update(invitation)
        .where(invitation.c.ends_at < before, invitation.c.sealed_email.is_not(None))
        .values(_FORGOTTEN)
    )
    return result.rowcount


def _at(scope: Mapping[str, UUID | None]) -> ColumnElement[bool]:
    return and_(*(invitation.c[name].is_not_distinct_from(value) for name, value in scope.items()))
