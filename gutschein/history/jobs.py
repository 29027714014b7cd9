"""What the history has done by the clock: it is sealed, and its heads are sent out."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.access import JOBS
from gutschein.db.unit_of_work import Database
from gutschein.history import block_repository
from gutschein.history.heads import enqueue_heads
from gutschein.history.rules import Sealed, sealable_up_to
from gutschein.history.sealing import seal_next
from gutschein.signing.service_keys import ServiceKeys


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
