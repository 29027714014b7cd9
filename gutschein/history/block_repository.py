"""The SQL of the chain. It reads the transfers where they stand: to seal is not to post."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, insert, text

from gutschein.db.unit_of_work import Work
from gutschein.history.models import history_block
from gutschein.history.rules import BLOCK_ROWS, NOTHING_SEALED, Block, Head, Kind, Last, is_due

#: A row's canonical form: all its columns in order as PostgreSQL sends a composite value,
#: texts as their UTF-8 bytes, so that no setting of a session changes it.
_ROWS = {
    Kind.LOG: (
        "log_entry",
        "chain_id",
        "happened_at",
        "record_send(ROW(chain_id, id, happened_at, convert_to(action, 'UTF8'), author_id,"
        " convert_to(author_name, 'UTF8'), convert_to(subject, 'UTF8'),"
        " convert_to(before, 'UTF8'), convert_to(after, 'UTF8'), convert_to(reason, 'UTF8')))",
    ),
    Kind.TRANSFER: (
        "transfer",
        "town_id",
        "booked_at",
        "record_send(ROW(town_id, id, ordinal, debit_account_id, credit_account_id,"
        " amount_cents, convert_to(event, 'UTF8'), reference_id, link_id, reverses_id,"
        " booked_at, booked_on))",
    ),
}

_CHAINS = text(
    """
    SELECT chain.id, chain.kind, last.number, last.sealed_up_to, last.hash,
           CASE chain.kind
           WHEN 'log' THEN EXISTS (
               SELECT FROM log_entry WHERE chain_id = chain.id AND happened_at <= :up_to
                   AND happened_at > coalesce(last.sealed_up_to, '-infinity'))
           ELSE EXISTS (
               SELECT FROM transfer WHERE town_id = chain.id AND booked_at <= :up_to
                   AND booked_at > coalesce(last.sealed_up_to, '-infinity'))
           END AS waiting
    FROM (
        SELECT id, 'log' AS kind FROM region
        UNION ALL
        SELECT id, kind FROM town CROSS JOIN (VALUES ('log'), ('transfer')) AS kinds(kind)
    ) AS chain(id, kind)
    LEFT JOIN LATERAL (
        SELECT number, sealed_up_to, hash FROM history_block
        WHERE chain_id = chain.id AND kind = chain.kind
        ORDER BY number DESC LIMIT 1
    ) last ON true
    ORDER BY chain.id, chain.kind
    """
)

_LAST = text(
    """
    SELECT number, sealed_up_to, hash FROM history_block
    WHERE chain_id = :chain_id AND kind = :kind
    ORDER BY number DESC LIMIT 1
    """
)

_HEADS = text(
    """
    SELECT DISTINCT ON (place.name, b.chain_id, b.kind)
           place.name, b.chain_id, b.kind, b.number, b.sealed_up_to, b.hash
    FROM history_block b
    JOIN (SELECT id, name FROM region UNION ALL SELECT id, name FROM town) AS place(id, name)
        ON place.id = b.chain_id
    ORDER BY place.name, b.chain_id, b.kind, b.number DESC
    """
)

_NOW = text("SELECT clock_timestamp()")


def _for_each_kind(query: str) -> Mapping[Kind, TextClause]:
    return {
        kind: text(query.format(table=table, chain=chain, instant=instant, row=row))
        for kind, (table, chain, instant, row) in _ROWS.items()
    }


_FULL_AT = _for_each_kind(
    """
    SELECT {instant} FROM {table}
    WHERE {chain} = :chain_id AND {instant} > :after AND {instant} <= :up_to
    ORDER BY {instant} OFFSET :most - 1 LIMIT 1
    """
)

_DIGESTS = _for_each_kind(
    """
    SELECT coalesce(string_agg(uuid_send(id) || sha256({row}), ''::bytea ORDER BY id), ''::bytea)
    FROM {table}
    WHERE {chain} = :chain_id AND {instant} > :after AND {instant} <= :up_to
    """
)


async def database_now(work: Work) -> datetime:
    """Return what time it is for the database."""
    now: datetime = (await work.execute(_NOW)).scalar_one()
    return now


async def due_chains(work: Work, up_to: datetime) -> list[tuple[UUID, Kind]]:
    """Return the chains that get a block up to an instant."""
    return [
        (row.id, Kind(row.kind))
        for row in await work.execute(_CHAINS, {"up_to": up_to})
        if is_due(_last(row), up_to, waiting=row.waiting)
    ]


async def last_block(work: Work, chain_id: UUID, kind: Kind) -> Last:
    """Return the end of a chain."""
    return _last((await work.execute(_LAST, {"chain_id": chain_id, "kind": kind})).one_or_none())


async def heads(work: Work) -> list[Head]:
    """Return the last block of every chain, by the name of its town or region."""
    return [
        Head(row.name, row.chain_id, Kind(row.kind), row.number, row.sealed_up_to, bytes(row.hash))
        for row in await work.execute(_HEADS)
    ]


async def full_at(
    work: Work, chain_id: UUID, kind: Kind, after: datetime, up_to: datetime
) -> datetime | None:
    """Return the instant of the row that makes a block full, ``None`` where it does not get so."""
    values = {"chain_id": chain_id, "after": after, "up_to": up_to, "most": BLOCK_ROWS}
    instant: datetime | None = (await work.execute(_FULL_AT[kind], values)).scalar_one_or_none()
    return instant


async def row_digests(
    work: Work, chain_id: UUID, kind: Kind, after: datetime, up_to: datetime
) -> bytes:
    """Return id and SHA-256 of each row after one instant and up to another, by id."""
    values = {"chain_id": chain_id, "after": after, "up_to": up_to}
    return bytes((await work.execute(_DIGESTS[kind], values)).scalar_one())


async def insert_block(work: Work, block: Block) -> None:
    await work.execute(
        insert(history_block).values(
            chain_id=block.chain_id,
            kind=block.kind,
            number=block.number,
            sealed_up_to=block.sealed_up_to,
            row_count=block.row_count,
            row_digests=block.row_digests,
            previous_hash=block.previous_hash,
            hash=block.hash,
            sealed_at=block.sealed_at,
        )
    )


def _last(row: Row[Any] | None) -> Last:
    if row is None or row.number is None:
        return NOTHING_SEALED
    return Last(row.number, row.sealed_up_to, bytes(row.hash))
