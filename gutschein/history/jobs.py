"""What the history has done by the clock: it is sealed, and its heads are sent out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from gutschein.db.access import JOBS
from gutschein.db.unit_of_work import Database
from gutschein.history import block_repository
from gutschein.history.heads import enqueue_heads
from gutschein.history.rules import Sealed, sealable_up_to
from gutschein.history.sealing import seal_next
from gutschein.history.trust import Trust, agree
from gutschein.kernel.clock import uptime, utc_now
from gutschein.signing.service_keys import ServiceKeys

_log = logging.getLogger(__name__)


class Sealer:
    """Seals the history of its process, as long as the clock is to be believed.

    :param wall: the clock of the machine.
    :param uptime: how long the machine has been running.
    """

    def __init__(
        self, wall: Callable[[], datetime] = utc_now, uptime: Callable[[], timedelta] = uptime
    ) -> None:
        self._wall = wall
        self._uptime = uptime
        self._trust = Trust(wall(), uptime())

    async def __call__(self, database: Database, now: datetime) -> Sealed | None:
        """Seal, or return ``None`` and say in the log why not.

        :param now: by the clock that rows are dated with.
        """
        if not self._trust.believes(self._wall(), self._uptime()):
            _log.error("The history is not sealed: the clock was set, and may be wrong")
            return None
        async with database.acting(JOBS).reading() as work:
            theirs = await block_repository.database_now(work)
        if not agree(now, theirs):
            _log.error(
                "The history is not sealed: the clock says %s, that of the database %s",
                now.isoformat(timespec="seconds"),
                theirs.isoformat(timespec="seconds"),
            )
            return None
        return await seal(database, now)


async def seal(database: Database, now: datetime) -> Sealed:
    """Seal what is old enough, of every town and region; see :data:`rules.LAG`.

    Each block is a unit of work of its own. Several that seal at once wait for one another
    and make no block twice; one that is cut off is continued by the next.
    """
    jobs, up_to = database.acting(JOBS), sealable_up_to(now)
    async with jobs.reading() as work:
        due = await block_repository.due_chains(work, up_to)
    blocks = rows = 0
    for chain_id, kind in due:
        sealed_up_to = None
        while sealed_up_to != up_to:
            async with jobs.unit_of_work() as work:
                block = await seal_next(work, chain_id, kind, up_to, now)
            if block is None:
                break
            blocks, rows, sealed_up_to = blocks + 1, rows + block.row_count, block.sealed_up_to
    return Sealed(blocks, rows)


async def send_heads(database: Database, keys: ServiceKeys, to: str, now: datetime) -> bool:
    """Put today's mail with the heads into the outbox; tell whether it was not there yet."""
    async with database.acting(JOBS).unit_of_work() as work:
        return await enqueue_heads(work, keys, to, now)
