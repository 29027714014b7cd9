"""How the rows of a chain are sealed: which, how many at a time, and under which hash.

``docs/reference/history.md`` describes the bytes, so that anybody can recompute them.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

#: Only what happened this long ago is sealed. A row carries the instant at which its request
#: began, and is seen when its unit of work has ended. What can lie between: the time a
#: request has to arrive and again to be answered (120 s each at most, by the settings), or,
#: of a command, statements of 30 s each at most. A row that came later would look like one
#: slipped in afterwards, so the clocks of several machines must not differ by minutes either.
LAG = timedelta(minutes=5)

#: A block takes whole instants until it has this many rows or more.
BLOCK_ROWS = 10_000

#: Where nothing happens an empty block is made this often, so that nothing can be slipped
#: in far back.
LONGEST_GAP = timedelta(days=1)

#: Id and SHA-256 of one row in a block.
ROW_BYTES = 48
#: What stands before the first block.
NO_HASH = bytes(32)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_BEFORE_EVERYTHING = datetime.min.replace(tzinfo=UTC)
_HEAD = struct.Struct(">32s16s8sqqqq")


class Kind(StrEnum):
    """What a chain is over: the business log of a town or region, or a town's transfers."""

    LOG = "log"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Last:
    """The end of a chain, ``NOTHING_SEALED`` of one that has none."""

    number: int
    sealed_up_to: datetime
    hash: bytes


NOTHING_SEALED = Last(0, _BEFORE_EVERYTHING, NO_HASH)


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many blocks were made, and how many rows they hold together."""

    blocks: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """The last block of a chain, with the name of the town or region."""

    name: str
    chain_id: UUID
    kind: Kind
    number: int
    sealed_up_to: datetime
    hash: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """One link of a chain: the rows after the block before, up to an instant, included.

    :param row_digests: of each row, by id, its id (16 bytes) and SHA-256 (32 bytes).
    """

    chain_id: UUID
    kind: Kind
    number: int
    sealed_up_to: datetime
    row_digests: bytes
    previous_hash: bytes
    sealed_at: datetime

    @property
    def row_count(self) -> int:
        return len(self.row_digests) // ROW_BYTES

    @property
    def hash(self) -> bytes:
        """SHA-256 over everything the block says, and so over everything before it."""
        head = _HEAD.pack(
            self.previous_hash,
            self.chain_id.bytes,
            self.kind.encode("ascii"),
            self.number,
            microseconds(self.sealed_up_to),
            microseconds(self.sealed_at),
            self.row_count,
        )
        return hashlib.sha256(head + self.row_digests).digest()


def microseconds(instant: datetime) -> int:
    """Return an instant as PostgreSQL keeps it: microseconds since 2000-01-01, UTC."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def sealable_up_to(now: datetime) -> datetime:
    """Return the instant up to which no row can still come."""
    return now - LAG


def is_due(last: Last, up_to: datetime, *, waiting: bool) -> bool:
    """Tell whether a chain gets a block: for waiting rows, or because its last one is old."""
    return waiting or last.number == 0 or last.sealed_up_to <= up_to - LONGEST_GAP
