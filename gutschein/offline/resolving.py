"""A town has made good what it bears of a disputed claim: noted, once, with how."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.money import format_euro
from gutschein.offline.listing import disputed_claim
from gutschein.offline.listing_repository import insert_resolution


async def resolve_claim(
    work: Work, town_id: TownId, claim_id: UUID, how: str, *, by: Author, now: datetime
) -> None:
    """Note how the town has made a claim good. Nothing is booked: it is paid outside.

    :raises Refusal: ``claim.unknown``; ``claim.not_open`` where the shop bears it, or it was
        noted already.
    """
    claim = await disputed_claim(work, town_id, claim_id, "de")
    if not claim.is_open or not await insert_resolution(
        work, town_id, claim_id, how, by=by, now=now
    ):
        raise Refusal("claim.not_open")
    entry = Entry(
        "claim.resolved",
        by,
        f"Annahme ohne Netz bei {claim.merchant_name}, {claim.branch_name}",
        before=f"{format_euro(claim.amount_cents)} strittig: {claim.message}",
        after=how,
        at=now,
    )
    await record(work, town_id, entry)
