"""Rows held against the digests they were sealed with: altered, deleted, or slipped in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.sealed_blocks import Chain, SealedBlock, batches, chains

_ROW_BYTES = 48
_ID_BYTES = 16
#: How many single rows are looked up at once.
_LOOKED_UP = 10_000


@dataclass(frozen=True, slots=True)
class SealedTable:
    """Where the rows of a kind of chain stand.

    :param chain: the column with the chain's id; :param instant: that of their instant.
    :param form: SQL for a row's canonical form, see ``docs/reference/history.md``.
    :param told: the columns that a finding tells of.
    """

    kind: str
    name: str
    chain: str
    instant: str
    form: str
    told: tuple[str, ...]

    @property
    def digest(self) -> str:
        return f"uuid_send(id) || sha256({self.form})"


#: Id and digest by id, as 48 bytes.
_Digests = set[bytes]


async def differences(
    connection: AsyncConnection, towns: Sequence[UUID] | None, *, table: SealedTable
) -> AsyncIterator[dict[str, Any]]:
    """Yield the facts of every row that is not as it was sealed."""
    for chain in await chains(connection, table.kind, towns):
        lost: dict[bytes, tuple[bytes, int]] = {}
        extra: dict[bytes, bytes] = {}
        async for batch in batches(connection, chain):
            for run in _runs(batch):
                sealed = _digests(block.row_digests for block in run)
                actual = await _between(connection, table, chain, run)
                for row in actual - sealed:
                    extra[row[:_ID_BYTES]] = row
                gone = sealed - actual
                lost |= {
                    row[:_ID_BYTES]: (row, block.number)
                    for block in (run if gone else ())
                    for row in gone & _digests([block.row_digests])
                }
        async for facts in _judged(connection, table, chain, lost, extra):
            yield {"town_id": chain.town_id, "name": chain.name} | facts


def _runs(batch: list[SealedBlock]) -> Iterator[list[SealedBlock]]:
    """Part a batch where the time between two blocks is not certain."""
    run: list[SealedBlock] = []
    for block in batch:
        if block.begins_after is None:
            if run:
                yield run
            run = []
            if block.fault != "altered":
                yield [block]
        else:
            run.append(block)
    if run:
        yield run


def _digests(blobs: Iterable[bytes]) -> _Digests:
    return {blob[at : at + _ROW_BYTES] for blob in blobs for at in range(0, len(blob), _ROW_BYTES)}


async def _between(
    connection: AsyncConnection, table: SealedTable, chain: Chain, run: list[SealedBlock]
) -> _Digests:
    """Return the rows in a run's time; of one whose beginning is uncertain, those it seals."""
    if run[0].begins_after is None:
        ids = [row[:_ID_BYTES] for row in _digests([run[0].row_digests])]
        return set((await _looked_up(connection, table, chain, ids)).values())
    query = text(
        f"""
        SELECT string_agg({table.digest}, ''::bytea) FROM {table.name}
        WHERE {table.chain} = :chain_id AND {table.instant} > :after AND {table.instant} <= :up_to
        """  # noqa: S608 - the table is named by its check
    )
    values = {"chain_id": chain.id, "after": run[0].begins_after, "up_to": run[-1].sealed_up_to}
    return _digests([bytes(await connection.scalar(query, values) or b"")])


async def _looked_up(
    connection: AsyncConnection, table: SealedTable, chain: Chain, ids: Iterable[bytes]
) -> dict[bytes, bytes]:
    """Return the digests of rows by id, wherever in time they stand now."""
    query = text(
        f"""
        SELECT string_agg({table.digest}, ''::bytea) FROM {table.name}
        WHERE {table.chain} = :chain_id AND id = ANY (CAST(:ids AS uuid[]))
        """  # noqa: S608 - the table is named by its check
    )
    found: dict[bytes, bytes] = {}
    rest = iter(ids)
    while some := [UUID(bytes=each) for each in islice(rest, _LOOKED_UP)]:
        rows = await connection.scalar(query, {"chain_id": chain.id, "ids": some})
        found |= {row[:_ID_BYTES]: row for row in _digests([bytes(rows or b"")])}
    return found


async def _judged(
    connection: AsyncConnection,
    table: SealedTable,
    chain: Chain,
    lost: Mapping[bytes, tuple[bytes, int]],
    extra: Mapping[bytes, bytes],
) -> AsyncIterator[dict[str, Any]]:
    """Tell what became of the rows that are missing, and where the others come from."""
    stands = await _looked_up(connection, table, chain, lost)
    for id_, (sealed, number) in sorted(lost.items()):
        now = stands.get(id_)
        if now == sealed:
            continue  # it stands where it stood; its block's time is what was altered
        facts = {"row_id": UUID(bytes=id_), "number": number, "expected": _hex(sealed)}
        if now is None:
            yield facts | {"fault": "deleted", "actual": "nothing"}
        else:
            told = await _told(connection, table, chain, id_)
            yield facts | told | {"fault": "changed", "actual": _hex(now)}
    for id_, row in sorted(extra.items()):
        if id_ not in lost:
            told = await _told(connection, table, chain, id_)
            facts = {"row_id": UUID(bytes=id_), "expected": "no such row", "actual": _hex(row)}
            yield facts | told | {"fault": "inserted"}


async def _told(
    connection: AsyncConnection, table: SealedTable, chain: Chain, id_: bytes
) -> dict[str, Any]:
    query = text(
        f"SELECT {', '.join(table.told)} FROM {table.name}"  # noqa: S608 - named by its check
        f" WHERE {table.chain} = :chain_id AND id = :id"
    )
    row = await connection.execute(query, {"chain_id": chain.id, "id": UUID(bytes=id_)})
    return dict(row.mappings().one())


def _hex(row: bytes) -> str:
    return f"SHA-256 {row[_ID_BYTES:].hex()}"
