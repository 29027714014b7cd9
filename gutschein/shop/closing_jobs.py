"""By the clock: orders that nobody pays are closed, drafts that nobody places are forgotten."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.access import NOTHING, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.clock import berlin_day
from gutschein.shop import repository
from gutschein.shop.closing import close
from gutschein.shop.rules import DRAFT_KEPT, GRACE

#: Orders of a town that one run closes.
MOST_AT_ONCE = 200


async def close_unpaid(database: Database, now: datetime) -> int:
    """Close orders whose time to pay is over, delete old drafts; return how many of both."""
    async with database.acting(NOTHING).reading() as work:
        town_ids = await repository.all_towns(work)
    done = 0
    for town_id in town_ids:
        acting = database.acting(Access.town(town_id))
        async with acting.unit_of_work() as work:
            done += await repository.delete_drafts(work, town_id, now - DRAFT_KEPT)
        async with acting.reading() as work:
            last_day = berlin_day(now) - GRACE
            overdue = await repository.due_before(work, town_id, last_day, MOST_AT_ONCE)
        for order_id in overdue:
            async with acting.unit_of_work() as work:
                done += await close(work, town_id, order_id, now)
    return done
