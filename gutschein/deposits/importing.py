"""Read bank statements in: keep every entry once, and take what came in as deposits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gutschein.bank.bank_statement import Entry, Statement
from gutschein.bank.iban import masked_iban
from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.deposits import statement_repository as repository
from gutschein.deposits.models import DEBIT
from gutschein.deposits.receiving import NewDeposit, receive
from gutschein.deposits.recognising import (
    entry_key,
    fingerprint,
    gaps,
    in_order,
    is_apart,
    new_entries,
    told,
)
from gutschein.deposits.requests import Paid
from gutschein.deposits.schemas import Imported, StatementGap
from gutschein.history.log import Entry as LogEntry
from gutschein.history.log import record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, derived_id, new_id
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import DataKey, KeyEncryptionKey
from gutschein.towns.repository import trust_account

NewEntry = tuple[Entry, bytes, int]


async def import_statements(
    work: Work,
    town_id: TownId,
    statements: Sequence[Statement],
    *,
    by: Author,
    kek: KeyEncryptionKey,
    paid: Paid,
    now: datetime,
) -> Imported:
    """Take in statements of a town's trust account. Those that were read before, and entries
    that another statement has brought, change nothing.

    :param paid: is told of every payment request that is covered, in this unit of work.
    :raises Refusal: ``bank_statement.other_account``, ``key.sealed``, ``bank_data.altered``.
    """
    key = await town_data_keys(work, town_id, kek)
    trust_iban = (await trust_account(work, key))["trust_iban"]
    for statement in statements:
        if statement.iban != trust_iban:
            raise Refusal("bank_statement.other_account", iban=masked_iban(statement.iban))
    await lock(work, town_id, "deposits")
    known = await repository.list_statements(work, town_id)
    new: list[NewEntry] = []
    kept: list[Statement] = []
    for statement in in_order(statements):
        if await repository.is_known(work, town_id, fingerprint(statement)):
            continue
        apart = is_apart(statement, [*known, *kept])
        new += await _keep(work, key, statement, apart=apart, by=by, now=now)
        kept.append(statement)
    received = await receive(
        work,
        key,
        "bank",
        [_deposit(town_id, each) for each in new if each[0].is_credit],
        paid=paid,
        now=now,
    )
    given: Counter[UUID] = Counter()
    for share in received.shares:
        given[share.deposit_id] += share.amount_cents
    amounts = {_external_id(each): each[0].amount_cents for each in new}
    matched = sum(given[id_] == amounts[known_as] for known_as, id_ in received.deposits.items())
    imported = Imported(
        statements=len(statements),
        known_statements=len(statements) - len(kept),
        new_entries=len(new),
        known_entries=sum(len(each.entries) for each in statements) - len(new),
        deposits=len(received.deposits),
        matched=matched,
        open=len(received.deposits) - matched,
        debits=sum(not entry.is_credit for entry, _key, _occurrence in new),
        paid=len(received.paid),
        gaps=await missing_statements(work, town_id),
    )
    if kept:
        await record(work, town_id, _log_entry(kept, imported, by, now))
    return imported


async def missing_statements(work: Work, town_id: TownId) -> list[StatementGap]:
    """Return where statements of the account are missing."""
    statements = await repository.list_statements(work, town_id)
    entries_cents = await repository.entries_total(work, town_id)
    return [
        StatementGap(after=gap.after, before=gap.before, cents=gap.cents)
        for gap in gaps(statements, entries_cents)
    ]


async def _keep(
    work: Work, key: DataKey, statement: Statement, *, apart: bool, by: Author, now: datetime
) -> list[NewEntry]:
    """Write a statement and its new entries down, and return these."""
    town_id = key.town_id
    keys = {entry_key(entry) for entry in statement.entries}
    known = await repository.known_entries(work, town_id, keys)
    new = new_entries(statement.entries, known, apart=apart)
    new_cents = sum(entry.signed_cents for entry, _key, _occurrence in new)
    statement_id = new_id()
    await repository.insert_statement(
        work,
        {
            "town_id": town_id,
            "id": statement_id,
            "fingerprint": fingerprint(statement),
            "bank_reference": statement.id,
            "sequence_number": statement.sequence_number,
            "from_day": statement.from_day,
            "to_day": statement.to_day,
            "opening_cents": statement.opening_cents,
            "entries_cents": statement.entries_cents,
            "closing_cents": statement.closing_cents,
            "known_cents": statement.entries_cents - new_cents,
            "new_entries": len(new),
            "known_entries": len(statement.entries) - len(new),
            "imported_by": by.id,
            "imported_by_name": by.name,
            "imported_at": now,
        },
    )
    rows = [_row(key, statement_id, number, each) for number, each in enumerate(new, start=1)]
    await repository.insert_entries(work, rows)
    return new


def _row(key: DataKey, statement_id: UUID, number: int, new: NewEntry) -> dict[str, Any]:
    entry, known_by, occurrence = new
    id_ = _entry_id(key.town_id, new)
    details = None
    if not entry.is_credit:
        said = {
            "party_name": entry.party_name,
            "party_iban": entry.party_iban,
            "end_to_end_id": entry.end_to_end_id,
            "remittance": told(entry),
        }
        values = {"details": msgspec.json.encode(said).decode()}
        details = DEBIT.seal(key, values, id_)["sealed_details"]
    return {
        "town_id": key.town_id,
        "id": id_,
        "bank_statement_id": statement_id,
        "position": number,
        "entry_key": known_by,
        "occurrence": occurrence,
        "is_credit": entry.is_credit,
        "amount_cents": entry.amount_cents,
        "is_reversal": entry.is_reversal,
        "is_lump": entry.is_lump,
        "return_reason": entry.return_reason or None,
        "booked_on": entry.booked_on,
        "value_on": entry.value_on,
        "bank_reference": entry.bank_reference or None,
        "sealed_details": details,
    }


def _deposit(town_id: TownId, new: NewEntry) -> NewDeposit:
    entry = new[0]
    return NewDeposit(
        external_id=_external_id(new),
        amount_cents=entry.amount_cents,
        received_on=entry.booked_on,
        payer_name=entry.party_name,
        payer_iban=entry.party_iban,
        remittance=told(entry),
        bank_entry_id=_entry_id(town_id, new),
        is_for_somebody=not (entry.is_lump or entry.is_reversal or entry.return_reason),
    )


def _external_id(new: NewEntry) -> str:
    return f"{new[1].hex()}:{new[2]}"


def _entry_id(town_id: TownId, new: NewEntry) -> UUID:
    return derived_id(town_id, f"bank_entry:{_external_id(new)}")


def _log_entry(
    kept: Sequence[Statement], imported: Imported, by: Author, now: datetime
) -> LogEntry:
    first, last = kept[0].from_day, max(each.to_day for each in kept)
    subject = f"Kontoauszüge {first:%d.%m.%Y} bis {last:%d.%m.%Y}"
    after = (
        f"{imported.new_entries} neue Buchungen, davon {imported.deposits} Eingänge,"
        f" {imported.matched} zugeordnet"
    )
    return LogEntry("bank_statement.imported", by, subject, after=after, at=now)
