"""The history sealed by hand, from the bytes that ``docs/reference/history.md`` describes.

Neither the service's SQL nor the auditor's has a part in it: both are held against this.
"""

from __future__ import annotations

import hashlib
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

UUID_, INT8, BYTEA, INSTANT, DATE = 2950, 20, 17, 1184, 1082

#: The columns of a row in their order, and the PostgreSQL type each is written as.
COLUMNS: Mapping[str, Mapping[str, int]] = {
    "log": {
        "chain_id": UUID_,
        "id": UUID_,
        "happened_at": INSTANT,
        "action": BYTEA,
        "author_id": UUID_,
        "author_name": BYTEA,
        "subject": BYTEA,
        "before": BYTEA,
        "after": BYTEA,
        "reason": BYTEA,
    },
    "transfer": {
        "town_id": UUID_,
        "id": UUID_,
        "ordinal": INT8,
        "debit_account_id": UUID_,
        "credit_account_id": UUID_,
        "amount_cents": INT8,
        "event": BYTEA,
        "reference_id": UUID_,
        "link_id": UUID_,
        "reverses_id": UUID_,
        "booked_at": INSTANT,
        "booked_on": DATE,
    },
}

#: Sealed at the end of each month of the story, and after the last.
SEALED_UP_TO = tuple(
    datetime(2026, month, day, 23, 0, tzinfo=UTC) for month, day in ((1, 31), (2, 28), (3, 31))
)
LAG = timedelta(minutes=5)


def row_digest(kind: str, row: Mapping[str, Any]) -> bytes:
    """SHA-256 over the number of columns, and of each its type, length and value."""
    form = struct.pack(">i", len(COLUMNS[kind]))
    for column, type_ in COLUMNS[kind].items():
        value = None if row[column] is None else _bytes(row[column])
        form += struct.pack(">Ii", type_, -1 if value is None else len(value)) + (value or b"")
    return hashlib.sha256(form).digest()


def blocks(
    kind: str, chain_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the blocks of a chain over all its rows up to the last of :data:`SEALED_UP_TO`."""
    hash_, after = bytes(32), datetime.min.replace(tzinfo=UTC)
    for number, up_to in enumerate(SEALED_UP_TO, start=1):
        instants = {"log": "happened_at", "transfer": "booked_at"}
        inside = [row for row in rows if after < row[instants[kind]] <= up_to]
        digests = b"".join(
            row["id"].bytes + row_digest(kind, row) for row in sorted(inside, key=lambda r: r["id"])
        )
        block = {
            "chain_id": chain_id,
            "kind": kind,
            "number": number,
            "sealed_up_to": up_to,
            "row_count": len(inside),
            "row_digests": digests,
            "previous_hash": hash_,
            "sealed_at": up_to + LAG,
        }
        hash_, after = block_hash(block), up_to
        yield block | {"hash": hash_}


def block_hash(block: Mapping[str, Any]) -> bytes:
    head = struct.pack(
        ">32s16s8sqqqq",
        block["previous_hash"],
        block["chain_id"].bytes,
        block["kind"].encode(),
        block["number"],
        _microseconds(block["sealed_up_to"]),
        _microseconds(block["sealed_at"]),
        block["row_count"],
    )
    return hashlib.sha256(head + block["row_digests"]).digest()


def sealed(
    log: Sequence[Mapping[str, Any]], transfers: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the blocks of every chain that has rows."""
    chains: dict[tuple[str, UUID], list[Mapping[str, Any]]] = defaultdict(list)
    for row in log:
        chains["log", row["chain_id"]].append(row)
    for row in transfers:
        chains["transfer", row["town_id"]].append(row)
    for (kind, chain_id), rows in chains.items():
        yield from blocks(kind, chain_id, rows)


def _bytes(value: Any) -> bytes:
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, datetime):
        return struct.pack(">q", _microseconds(value))
    if isinstance(value, date):
        return struct.pack(">i", (value - date(2000, 1, 1)).days)
    if isinstance(value, int):
        return struct.pack(">q", value)
    return bytes(value.encode())


def _microseconds(instant: datetime) -> int:
    return (instant - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
