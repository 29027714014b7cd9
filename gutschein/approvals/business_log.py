"""What the business log says of requests: who asked, who decided, what it changed."""

from __future__ import annotations

from datetime import datetime

from gutschein.approvals.kinds import Done
from gutschein.approvals.rules import Request
from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author


async def tell(
    work: Work,
    request: Request,
    verb: str,
    author: Author,
    *,
    now: datetime,
    reason: str,
    done: Done | None = None,
) -> None:
    """Write a line about *request* into its town's log.

    :param verb: ``requested``, or the decision.
    :param done: what an approval has changed.
    """
    entry = Entry(
        action=f"approval.{verb}",
        author=author,
        subject=request.summary,
        before=done.before if done else None,
        after=done.after if done else None,
        reason=reason,
        at=now,
    )
    await record(work, request.town_id, entry)
