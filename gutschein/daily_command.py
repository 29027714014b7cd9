"""What ``gutschein daily`` does: the chores of the night, for a timer to call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gutschein.db.access import JOBS, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.history.jobs import Sealer, send_heads
from gutschein.installation import Installation
from gutschein.jobs import smtp_sender
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.ledger.balances import take_snapshots
from gutschein.mail.jobs import deliver
from gutschein.signing.service_keys import load_service_keys
from gutschein.towns.repository import town_names
from gutschein.vouchers.life import expire_due


async def run(installation: Installation, clock: Callable[[], datetime]) -> list[str]:
    """Let due vouchers lapse, close the tails of busy accounts, seal the history, send mails.

    All can be done again at any time. A town whose postings do not pause for a snapshot
    is said and left for the next time.

    :param clock: read for every unit of work: this may take longer than the history waits
        before it is sealed.
    """
    database = Database(create_engine(installation.database_url, pool_size=1))
    seal = Sealer(clock)
    try:
        async with database.reading() as work:
            towns = await town_names(work)
        lines = []
        for town_id, name in towns.items():
            own = database.acting(Access.town(town_id))
            lines.append(
                f"{name}: {await _expire(own, town_id, clock)} vouchers lapsed, "
                f"{await _snapshot(own, town_id, clock())}"
            )
        return [*lines, *await _history_and_mail(installation, database, seal, clock)]
    finally:
        await database.close()


async def _history_and_mail(
    installation: Installation, database: Database, seal: Sealer, clock: Callable[[], datetime]
) -> list[str]:
    sealed = await seal(database, clock())
    lines = [
        f"History: {sealed.rows} rows sealed in {sealed.blocks} blocks"
        if sealed
        else "History: not sealed, the clock may be wrong; the log says more"
    ]
    settings = installation.settings
    sender = smtp_sender(settings, installation.secrets)
    if sender is None:
        return lines
    async with database.acting(JOBS).unit_of_work() as work:
        keys = await load_service_keys(work, installation.kek)
    if settings.history_head_to is not None:
        await send_heads(database, keys, settings.history_head_to, clock())
    done = await deliver(database, keys, sender, clock())
    return [*lines, f"Mail: {done.sent} sent, {done.put_off} put off, {done.given_up} given up"]


async def _expire(database: Database, town_id: TownId, clock: Callable[[], datetime]) -> int:
    total = 0
    while True:
        async with database.unit_of_work() as work:
            expired = await expire_due(work, town_id, clock())
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
