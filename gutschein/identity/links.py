"""Links that open an account once: 256 random bits, of which only the SHA-256 is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.identity import repository
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId, new_id

LinkPurpose = Literal["invitation", "recovery"]

#: Where each kind of link is opened; its token follows after a slash.
LINK_PATHS: dict[LinkPurpose, str] = {
    "invitation": "/einladung",
    "recovery": "/wiederherstellung",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that can be used now.

    :param person_id: whose account it opens; ``None`` where it leads to an invitation.
    """

    id: UUID
    person_id: PersonId | None
    invitation_id: UUID | None
    made_by: PersonId | None
    ends_at: datetime


async def make_link(
    work: Work,
    person_id: PersonId,
    purpose: LinkPurpose,
    *,
    by: PersonId | None,
    ends_at: datetime,
    now: datetime,
) -> str:
    """Make a link and return its token, which is nowhere else; older ones end.

    :param work: acting as ``IDENTITY``.
    """
    await repository.end_links(work, person_id, now)
    row = {"purpose": purpose, "person_id": person_id, "made_by": by, "ends_at": ends_at}
    return await _insert(work, row, now)


async def make_invitation_link(
    work: Work, invitation_id: UUID, *, by: PersonId, ends_at: datetime, now: datetime
) -> str:
    """Make the link of an invitation and return its token, which is nowhere else.

    :param work: acting as ``IDENTITY``.
    """
    row = {"purpose": "invitation", "invitation_id": invitation_id}
    return await _insert(work, {**row, "made_by": by, "ends_at": ends_at}, now)


async def find_link(work: Work, purpose: LinkPurpose, token: str, now: datetime) -> Link:
    """Look at a link without using it up, to show its page.

    :raises Refusal: ``link.unknown``, also for one that is used or past.
    """
    row = await repository.find_link(work, _hash(token), purpose, now)
    if row is None:
        raise Refusal("link.unknown")
    return Link(row.id, row.person_id, row.invitation_id, row.made_by, row.ends_at)


async def use_link(work: Work, purpose: LinkPurpose, token: str, now: datetime) -> Link:
    """Use a link up; of two requests at once, one does.

    :raises Refusal: ``link.unknown``.
    """
    link = await find_link(work, purpose, token, now)
    if not await repository.use_link(work, link.id, now):
        raise Refusal("link.unknown")
    return link


def link_path(purpose: LinkPurpose, token: str) -> str:
    """Return the path that a link leads to."""
    return f"{LINK_PATHS[purpose]}/{token}"


async def _insert(work: Work, row: dict[str, Any], now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    made = {"id": new_id(), "token_hash": _hash(token), "made_at": now}
    await repository.insert_link(work, {**row, **made})
    return token


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
