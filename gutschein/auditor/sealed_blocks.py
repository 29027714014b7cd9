"""The blocks of the history, read in their order and recomputed by the bytes of the reference.

``docs/reference/history.md`` says what a block is. A block is trusted for what it seals
when its hash is that of its contents; for where its time begins, when the one before is
trusted too and is the one that it names.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

#: How many rows are held against their digests at once, if no block has more.
BATCH_ROWS = 100_000
_BATCH_BLOCKS = 5_000

#: Before the rows' digests: hash before, chain, kind, number, both instants, count of rows.
_HEAD = struct.Struct(">32s16s8sqqqq")

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_NO_HASH = bytes(32)

_CHAINS = text(
    """
    SELECT DISTINCT b.chain_id, t.id AS town_id, coalesce(t.name, r.name, b.chain_id::text) AS name
    FROM history_block b
    LEFT JOIN town t ON t.id = b.chain_id
    LEFT JOIN region r ON r.id = b.chain_id
    WHERE b.kind = :kind AND (
        CAST(:towns AS uuid[]) IS NULL
        OR t.id = ANY (CAST(:towns AS uuid[]))
        OR r.id IN (SELECT region_id FROM town WHERE id = ANY (CAST(:towns AS uuid[])))
        OR (t.id IS NULL AND r.id IS NULL)
    )
    ORDER BY b.chain_id
    """
)

_BATCH = text(
    """
    SELECT number, sealed_up_to, row_count, row_digests, previous_hash, hash, sealed_at
    FROM (
        SELECT next.*, sum(row_count) OVER (ORDER BY number) - row_count AS rows_before
        FROM (
            SELECT * FROM history_block
            WHERE chain_id = :chain_id AND kind = :kind AND number > :after
            ORDER BY number LIMIT :most_blocks
        ) next
    ) batch
    WHERE rows_before < :most_rows
    ORDER BY number
    """
)


@dataclass(frozen=True, slots=True)
class Chain:
    """What a chain is about; ``town_id`` is ``None`` for a region's."""

    id: UUID
    kind: str
    town_id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A block as it is stored, with what is wrong with it.

    :param fault: ``None``, or ``altered``: its hash is not that of its contents; ``missing``:
        there is none with the number before; ``chain``: it follows another block than the
        one before it; ``order``: it ends no later than the one before.
    :param begins_after: the instant after which its rows begin, ``None`` when that cannot be
        trusted.
    """

    chain: Chain
    number: int
    sealed_up_to: datetime
    sealed_at: datetime
    row_digests: bytes
    stated_hash: bytes
    computed_hash: bytes
    fault: str | None
    begins_after: datetime | None


async def chains(
    connection: AsyncConnection, kind: str, towns: Sequence[UUID] | None
) -> list[Chain]:
    """Return the chains of a kind that have blocks: of these towns, their regions and nobody,
    or all of them.
    """
    rows = (await connection.execute(_CHAINS, {"kind": kind, "towns": towns})).all()
    return [Chain(row.chain_id, kind, row.town_id, row.name) for row in rows]


async def batches(connection: AsyncConnection, chain: Chain) -> AsyncIterator[list[SealedBlock]]:
    """Yield a chain's blocks in their order, a bounded number at a time."""
    number, sealed_up_to, hashes, trusted = 0, _BEGINNING, {_NO_HASH}, True
    while True:
        values = {"chain_id": chain.id, "kind": chain.kind, "after": number}
        bounds = {"most_blocks": _BATCH_BLOCKS, "most_rows": BATCH_ROWS}
        rows = (await connection.execute(_BATCH, values | bounds)).all()
        if not rows:
            return
        batch = []
        for row in rows:
            computed = _hash(chain, row)
            fault = None
            if computed != bytes(row.hash):
                fault = "altered"
            elif row.number != number + 1:
                fault = "missing"
            elif bytes(row.previous_hash) not in hashes:
                fault = "chain"
            elif row.sealed_up_to <= sealed_up_to:
                fault = "order"
            batch.append(
                SealedBlock(
                    chain=chain,
                    number=row.number,
                    sealed_up_to=row.sealed_up_to,
                    sealed_at=row.sealed_at,
                    row_digests=bytes(row.row_digests),
                    stated_hash=bytes(row.hash),
                    computed_hash=computed,
                    fault=fault,
                    begins_after=sealed_up_to if fault is None and trusted else None,
                )
            )
            number, sealed_up_to, hashes = row.number, row.sealed_up_to, {bytes(row.hash), computed}
            trusted = fault != "altered"
        yield batch


def _hash(chain: Chain, row: Row[Any]) -> bytes:
    head = _HEAD.pack(
        bytes(row.previous_hash),
        chain.id.bytes,
        chain.kind.encode(),
        row.number,
        _microseconds(row.sealed_up_to),
        _microseconds(row.sealed_at),
        row.row_count,
    )
    return hashlib.sha256(head + bytes(row.row_digests)).digest()


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
