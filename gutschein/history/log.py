"""The business log: who did what, what it was before and after, and why, in plain words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.history import repository
from gutschein.kernel.author import Author
from gutschein.kernel.ids import RegionId, TownId, new_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. Its words are German and made for a treasurer.

    :param action: ``subject.verb``, such as ``role.granted``.
    :param subject: what was changed: a name people know, never a secret or an address.
    :param before: what it was; ``None`` for what is new.
    :param after: what it is now; ``None`` for what is gone.
    :param reason: why, where somebody gave a reason.
    :param at: the instant of the unit of work, aware.
    """

    action: str
    author: Author
    subject: str
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    at: datetime = field(kw_only=True)


async def record(work: Work, chain_id: TownId | RegionId, entry: Entry) -> None:
    """Write a line into the log of a town or a region.

    Call it in the unit of work that makes the change: either both stand or neither.
    """
    row = {
        "chain_id": chain_id,
        "id": new_id(),
        "happened_at": entry.at,
        "action": entry.action,
        "author_id": entry.author.id,
        "author_name": entry.author.name,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
    }
    await repository.insert_entry(work, row)
