"""Which entries of a bank statement are new, and whether statements are missing.

Banks hand out the same entry again, in the same file or in one over other days, and some give
entries no reference. Entries that nothing tells apart are therefore counted: a statement brings
those that it has more than are known. Where a statement is the neighbour of those that are known,
all its entries are new, also one that looks like another of the same day.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Protocol

import msgspec

from gutschein.bank.bank_statement import Entry, Statement
from gutschein.bank.rf_reference import compacted


class Kept(Protocol):
    """What is known of a statement that was read before."""

    @property
    def sequence_number(self) -> int | None: ...
    @property
    def from_day(self) -> date: ...
    @property
    def to_day(self) -> date: ...
    @property
    def opening_cents(self) -> int: ...
    @property
    def closing_cents(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two statements the balance changed by what no statement shows."""

    after: date
    before: date
    cents: int


def entry_key(entry: Entry) -> bytes:
    """Return what an entry is known by: the bank's reference, or all that it says; 32 bytes."""
    known_by: tuple[object, ...] = (entry.booked_on, entry.signed_cents, entry.bank_reference)
    if not entry.bank_reference:
        text = compacted("".join(entry.remittance))
        said = (entry.end_to_end_id, entry.structured_reference, text, entry.party_iban)
        known_by += (entry.value_on, *said, compacted(entry.party_name))
    return hashlib.sha256(msgspec.json.encode(known_by)).digest()


def fingerprint(statement: Statement) -> bytes:
    """Return what a statement is recognised by when it comes again, 32 bytes."""
    said = (
        statement.id,
        statement.sequence_number,
        statement.from_day,
        statement.to_day,
        statement.opening_cents,
        statement.closing_cents,
        [entry_key(entry).hex() for entry in statement.entries],
    )
    return hashlib.sha256(msgspec.json.encode(said)).digest()


def in_order(statements: Iterable[Statement]) -> list[Statement]:
    """Return statements in the order that the bank wrote them."""
    return sorted(statements, key=_place)


def is_apart(statement: Kept, known: Iterable[Kept]) -> bool:
    """Tell whether it is proved that a statement shows no entry that another one shows: those
    that touch its days are its neighbours, by their numbers and to the cent by their balances.
    """
    touching = [
        each
        for each in known
        if each.from_day <= statement.to_day and each.to_day >= statement.from_day
    ]
    chain = sorted([statement, *touching], key=_number)
    return bool(touching) and all(
        None not in (before.sequence_number, after.sequence_number)
        and _number(after) == _number(before) + 1
        and before.to_day <= after.from_day
        and before.closing_cents == after.opening_cents
        for before, after in pairwise(chain)
    )


def new_entries(
    entries: Sequence[Entry], known: Mapping[bytes, int], *, apart: bool
) -> list[tuple[Entry, bytes, int]]:
    """Return the entries that are new, each with its key and its occurrence, from 1.

    :param known: how many entries of a key there are already.
    :param apart: whether no other statement shows any of these entries.
    """
    seen: Counter[bytes] = Counter()
    new: list[tuple[Entry, bytes, int]] = []
    for entry in entries:
        key = entry_key(entry)
        seen[key] += 1
        occurrence = seen[key] + (known.get(key, 0) if apart else 0)
        if occurrence > known.get(key, 0):
            new.append((entry, key, occurrence))
    return new


def gaps(statements: Sequence[Kept], entries_cents: int) -> list[Gap]:
    """Return where statements are missing: one begins with another balance than the one before
    ended with. Statements that cover the same days are not compared; should all entries together
    not explain how the balance changed from the first to the last, that is a gap over all days.

    :param entries_cents: of all entries that are known.
    """
    if not statements:
        return []
    found: list[Gap] = []
    first, *others = sorted(statements, key=_place)
    last = first
    for statement in others:
        cents = statement.opening_cents - last.closing_cents
        if cents and _is_next(statement, last):
            found.append(Gap(last.to_day, statement.from_day, cents))
        if _end(statement) >= _end(last):
            last = statement
    cents = last.closing_cents - first.opening_cents - entries_cents
    if cents and not found and _are_clear(statements):
        found.append(Gap(first.from_day, last.to_day, cents))
    return found


def told(entry: Entry) -> str:
    """Return all that a payer wrote: lines of text, and references that these do not name."""
    lines = list(entry.remittance)
    for reference in (entry.structured_reference, entry.end_to_end_id):
        if compacted(reference) not in compacted("".join(lines)):
            lines.append(reference)
    return "\n".join(lines)


def _is_next(statement: Kept, last: Kept) -> bool:
    numbered = None not in (last.sequence_number, statement.sequence_number)
    in_turn = numbered and _number(statement) == _number(last) + 1
    return statement.from_day > last.to_day or in_turn


def _are_clear(statements: Sequence[Kept]) -> bool:
    """Tell whether it is certain which statement is the first and which the last."""
    places = [(each.from_day, _number(each)) for each in statements]
    ends = [_end(each) for each in statements]
    return places.count(min(places)) == 1 and ends.count(max(ends)) == 1


def _place(statement: Kept) -> tuple[date, int, date]:
    return statement.from_day, _number(statement), statement.to_day


def _end(statement: Kept) -> tuple[date, int]:
    return statement.to_day, _number(statement)


def _number(statement: Kept) -> int:
    return statement.sequence_number or 0
