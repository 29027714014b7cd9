"""Seal what has happened: link the rows of every town's and region's history into blocks.

A block carries a digest of each row, and the hash of the block before. Whoever alters a
sealed row must make every later block anew, and the heads that were sent out (see
:mod:`gutschein.history.heads`) would still tell.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.history import block_repository
from gutschein.history.rules import Block, Kind


async def seal_next(
    work: Work, chain_id: UUID, kind: Kind, up_to: datetime, now: datetime
) -> Block | None:
    """Make the next block of a chain: up to *up_to*, or to where it is full.

    :returns: ``None`` when somebody else has just sealed this.
    """
    await lock(work, chain_id, "history")
    last = await block_repository.last_block(work, chain_id, kind)
    if up_to <= last.sealed_up_to:
        return None
    after = last.sealed_up_to
    edge = await block_repository.full_at(work, chain_id, kind, after, up_to) or up_to
    rows = await block_repository.row_digests(work, chain_id, kind, after, edge)
    block = Block(chain_id, kind, last.number + 1, edge, rows, last.hash, now)
    await block_repository.insert_block(work, block)
    return block
