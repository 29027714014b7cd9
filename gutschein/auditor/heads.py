"""Heads of the history that somebody has kept, held against the blocks there are now."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from functools import partial
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.check import Check, Facts

#: Between two words: mail programs break lines and put ``>`` in front of them.
_GAP = r"[\s>]+"
_HEAD = re.compile(
    rf"chain:{_GAP}(?P<chain>[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})"
    rf"{_GAP}(?P<kind>log|transfer){_GAP}Block:{_GAP}(?P<number>[0-9]{{1,9}}),[^#]{{1,80}}?"
    rf"SHA-256:{_GAP}(?P<hash>[0-9a-f]{{64}})\b"
)

_BLOCK = text(
    """
    SELECT t.id AS town_id, coalesce(t.name, r.name, kept.chain_id::text) AS name, b.hash,
           b.sealed_up_to
    FROM (VALUES (CAST(:chain_id AS uuid))) AS kept(chain_id)
    LEFT JOIN town t ON t.id = kept.chain_id
    LEFT JOIN region r ON r.id = kept.chain_id
    LEFT JOIN history_block b
        ON b.chain_id = kept.chain_id AND b.kind = :kind AND b.number = :number
    """
)


class NoHeads(Exception):
    """What was given holds no heads of a history."""


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A block of a chain, by the hash it had when the head was sent."""

    chain_id: UUID
    kind: str
    number: int
    hash: bytes


def read_heads(mail: bytes) -> list[KeptHead]:
    """Find the heads in a saved mail, as its program keeps it or as text copied from it.

    :raises NoHeads: when there are none: it is another mail, or only a part of it.
    """
    heads = {
        KeptHead(
            UUID(found["chain"]), found["kind"], int(found["number"]), bytes.fromhex(found["hash"])
        )
        for words in _words(mail)
        for found in _HEAD.finditer(words)
    }
    if not heads:
        raise NoHeads("no heads of a history are in the mail that was given")
    return sorted(heads, key=lambda head: (head.chain_id, head.kind, head.number))


def heads_check(heads: Sequence[KeptHead]) -> Check:
    """Return the check that every chain still goes through *heads*."""
    return Check(
        number="heads",
        title="The history still goes through the heads that were sent out",
        over=len(heads),
        finds=partial(_rewritten, heads=heads),
        says={
            "rewritten": "The {kind} history of {name} was written anew: block {number} is not"
            " the one whose hash was sent out.",
            "gone": "The {kind} history of {name} was written anew: block {number}, whose hash"
            " was sent out, is gone.",
        },
    )


async def _rewritten(
    connection: AsyncConnection, _towns: Sequence[UUID] | None, *, heads: Sequence[KeptHead]
) -> AsyncIterator[Facts]:
    for head in heads:
        values = {"chain_id": head.chain_id, "kind": head.kind, "number": head.number}
        row = (await connection.execute(_BLOCK, values)).one()
        if row.hash is None or bytes(row.hash) != head.hash:
            yield {
                "town_id": row.town_id,
                "row_id": f"{head.kind} block {head.number}",
                "fault": "gone" if row.hash is None else "rewritten",
                "name": row.name,
                "kind": head.kind,
                "number": head.number,
                "expected": f"SHA-256 {head.hash.hex()}",
                "actual": None if row.hash is None else f"SHA-256 {bytes(row.hash).hex()}",
            }


def _words(mail: bytes) -> Iterator[str]:
    """Yield the text as it is, and what a mail's parts say once their encoding is undone."""
    yield mail.decode("utf-8", "replace")
    for part in message_from_bytes(mail, policy=default).walk():
        if part.get_content_maintype() == "text":
            words = part.get_payload(decode=True)
            if isinstance(words, bytes):
                yield words.decode("utf-8", "replace")
