"""What ``gutschein daily`` does: the chores of the night, for a timer to call."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.installation import Installation
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.ledger.balances import take_snapshots
from gutschein.towns.repository import list_towns
from gutschein.vouchers.life import expire_due


async def run(installation: Installation, now: datetime) -> list[str]:
    """Let due vouchers lapse and close the tails of busy accounts, town by town.

    Both can be done again at any time. A town whose postings do not pause for a snapshot
    is said and left for the next time.
    """
    database = Database(create_engine(installation.database_url, pool_size=1))
    try:
        async with database.reading() as work:
            towns = await list_towns(work, None)
        return [
            f"{town.name}: {await _expire(database, TownId(town.id), now)} vouchers lapsed, "
            f"{await _snapshot(database, TownId(town.id), now)}"
            for town in towns
        ]
    finally:
        await database.close()


async def _expire(database: Database, town_id: TownId, now: datetime) -> int:
    total = 0
    while True:
        async with database.unit_of_work() as work:
            expired = await expire_due(work, town_id, now)
        total += expired
        if not expired:
            return total


async def _snapshot(database: Database, town_id: TownId, now: datetime) -> str:
    try:
        async with database.unit_of_work() as work:
            return f"{await take_snapshots(work, town_id, now)} balances brought up to date"
    except Refusal as refusal:
        if refusal.code != "service.busy":
            raise
        return "too busy for new balances, left for the next time"
