"""The history: that the log and the transfers are what was sealed, and that sealing goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.check import Check, Facts
from gutschein.auditor.sealed_blocks import batches, chains
from gutschein.auditor.sealed_rows import SealedTable, differences

LOG = SealedTable(
    kind="log",
    name="log_entry",
    chain="chain_id",
    instant="happened_at",
    form="record_send(ROW(chain_id, id, happened_at, convert_to(action, 'UTF8'), author_id,"
    " convert_to(author_name, 'UTF8'), convert_to(subject, 'UTF8'), convert_to(before, 'UTF8'),"
    " convert_to(after, 'UTF8'), convert_to(reason, 'UTF8')))",
    told=("happened_at", "action", "author_name", "subject"),
)

TRANSFER = SealedTable(
    kind="transfer",
    name="transfer",
    chain="town_id",
    instant="booked_at",
    form="record_send(ROW(town_id, id, ordinal, debit_account_id, credit_account_id, amount_cents,"
    " convert_to(event, 'UTF8'), reference_id, link_id, reverses_id, booked_at, booked_on))",
    told=("booked_at", "event", "amount_cents"),
)


async def _broken_blocks(
    connection: AsyncConnection, towns: Sequence[UUID] | None
) -> AsyncIterator[Facts]:
    for kind in (LOG.kind, TRANSFER.kind):
        for chain in await chains(connection, kind, towns):
            before = 0
            async for batch in batches(connection, chain):
                for block in batch:
                    if block.fault is not None:
                        yield {
                            "town_id": chain.town_id,
                            "row_id": f"{kind} block {block.number}",
                            "fault": block.fault,
                            "name": chain.name,
                            "number": block.number,
                            "sealed_at": block.sealed_at,
                            "before": before,
                            "expected": _EXPECTED[block.fault],
                            "actual": f"block {block.number}, SHA-256 {block.stated_hash.hex()}",
                        }
                    before = block.number


_EXPECTED = {
    "altered": "the hash of what the block says",
    "missing": "the number after that of the block before",
    "chain": "the hash of the block before",
    "order": "an instant after that of the block before",
}

BLOCKS = Check(
    number="A63",
    title="The blocks of the history follow one another, and each is as it was sealed",
    over=("history_block",),
    finds=_broken_blocks,
    says={
        "altered": "The {row_id} of {name}, sealed on {sealed_at}, was altered.",
        "missing": "Between block {before} and the {row_id} of {name} blocks are missing.",
        "chain": "The {row_id} of {name}, sealed on {sealed_at}, follows another block than the"
        " one before it: history was written anew before it.",
        "order": "The {row_id} of {name} ends before the block before it does.",
    },
)

SEALED_LOG = Check(
    number="A64",
    title="Every sealed line of the business log is as it was sealed, and none was slipped in",
    over=("log_entry",),
    finds=partial(differences, table=LOG),
    says={
        "changed": "The line of {happened_at} in the log of {name} ({action}, {subject}, by"
        " {author_name}) was changed after it was sealed.",
        "deleted": "A line of the log of {name} that was sealed in block {number} is gone.",
        "inserted": "The line of {happened_at} in the log of {name} ({action}, {subject}, by"
        " {author_name}) was slipped in after that time was sealed.",
    },
)

SEALED_TRANSFERS = Check(
    number="A65",
    title="Every sealed transfer is as it was sealed, and none was slipped in",
    over=("transfer",),
    finds=partial(differences, table=TRANSFER),
    says={
        "changed": "A transfer of {amount} ({event}) of {booked_at} was changed after it was"
        " sealed.",
        "deleted": "A transfer that was sealed in block {number} is gone.",
        "inserted": "A transfer of {amount} ({event}) of {booked_at} was slipped in after that"
        " time was sealed.",
    },
)

SEALING = Check(
    number="A66",
    title="What happened more than two days ago is sealed",
    over=("history_block",),
    finds="""
        SELECT town_id, row_id, name, waits_since AS actual, last_at, 'sealed' AS expected
        FROM (
            SELECT t.id AS town_id, 'transfer' AS row_id, t.name, last_at, (
                SELECT min(booked_at) FROM transfer
                WHERE town_id = t.id AND booked_at > coalesce(last_at, '-infinity')) AS waits_since
            FROM town t
            LEFT JOIN (
                SELECT chain_id, max(sealed_up_to) AS last_at
                FROM history_block WHERE kind = 'transfer' GROUP BY chain_id
            ) last ON chain_id = t.id
            UNION ALL
            SELECT chain.town_id, 'log', chain.name, last_at, (
                SELECT min(happened_at) FROM log_entry
                WHERE chain_id = chain.id AND happened_at > coalesce(last_at, '-infinity'))
            FROM (
                SELECT id, id AS town_id, name FROM town
                UNION ALL SELECT id, NULL, name FROM region
            ) chain
            LEFT JOIN (
                SELECT chain_id, max(sealed_up_to) AS last_at
                FROM history_block WHERE kind = 'log' GROUP BY chain_id
            ) last ON last.chain_id = chain.id
        ) waiting
        WHERE waits_since < CAST(:now AS timestamptz) - interval '2 days'
    """,
    says="The {row_id} history of {name} waits to be sealed since {actual}.",
)

CHECKS = (BLOCKS, SEALED_LOG, SEALED_TRANSFERS, SEALING)
