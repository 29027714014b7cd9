"""Close an order that nobody pays."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.deposits.requests import close_request
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.shop import repository


async def close(work: Work, town_id: TownId, order_id: UUID, now: datetime) -> bool:
    """Close an order that is not paid; tell whether it was open still.

    Money that comes after all stays a deposit, and a task for the town.
    """
    try:
        # First the request, then the order: so does an import, and nobody waits in a circle.
        await close_request(work, town_id, order_id, now)
    except Refusal as refusal:
        if refusal.code == "payment_request.paid":  # just now
            return False
        raise
    return await repository.set_closed(work, town_id, order_id, now)
