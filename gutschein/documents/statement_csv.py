"""The entries of a statement as a table that a German spreadsheet opens as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from gutschein.documents.spreadsheet import (
    as_text,
    day_and_time,
    decimal_comma,
    spreadsheet,
    sum_rows,
)

EntryKind = Literal["redemption", "reversal", "return"]

_KINDS: dict[EntryKind, str] = {
    "redemption": "Einlösung",
    "reversal": "Storno",
    "return": "Rückläufer",
}

HEADER = ("Art", "Datum", "Uhrzeit", "Kennung", "Filiale", "Stadt", "Gutscheinart", "Betrag")


class StatementEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One redemption, reversal or returned payout that entered a statement."""

    kind: EntryKind
    occurred_at: datetime  # aware
    entry_id: str
    branch_name: str  # empty for a return
    issuer_town_name: str
    programme_name: str
    amount_cents: int  # signed: a reversal is negative


def statement_csv(entries: Iterable[StatementEntry]) -> bytes:
    """Write *entries* in the order given, then the sum of each kind and of all.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; times are those
    of Germany.

    :raises ValueError: when an entry's time has no time zone.
    """
    sums: dict[EntryKind, int] = dict.fromkeys(_KINDS, 0)
    rows: list[Sequence[str]] = [HEADER]
    for entry in entries:
        sums[entry.kind] += entry.amount_cents
        texts = entry.entry_id, entry.branch_name, entry.issuer_town_name, entry.programme_name
        rows.append(
            [
                _KINDS[entry.kind],
                *day_and_time(entry.occurred_at),
                *map(as_text, texts),
                decimal_comma(entry.amount_cents),
            ]
        )
    rows.extend(sum_rows({_KINDS[kind]: sums[kind] for kind in _KINDS}, len(HEADER)))
    return spreadsheet(rows)
