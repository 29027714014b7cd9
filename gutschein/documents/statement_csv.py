"""The entries of a statement as a table that a German spreadsheet opens as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from gutschein.kernel.clock import BERLIN, format_day
from gutschein.kernel.money import format_decimal

EntryKind = Literal["redemption", "reversal", "return"]

_KINDS: dict[EntryKind, str] = {
    "redemption": "Einlösung",
    "reversal": "Storno",
    "return": "Rückläufer",
}

HEADER = ("Art", "Datum", "Uhrzeit", "Kennung", "Filiale", "Stadt", "Gutscheinart", "Betrag")

# A spreadsheet runs a cell that starts like this as a formula (OWASP, "CSV Injection"),
# in their full-width forms too.
_FORMULA_STARTS = tuple("=+-@＝＋－＠")  # noqa: RUF001


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

    UTF-8 with byte order mark, semicolons, decimal commas, times of Germany, lines that end
    as RFC 4180 (2.1) says. Text that a spreadsheet would run as a formula gets an apostrophe
    in front.

    :raises ValueError: when an entry's time has no time zone.
    """
    sums: dict[EntryKind, int] = dict.fromkeys(_KINDS, 0)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for entry in entries:
        if entry.occurred_at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        sums[entry.kind] += entry.amount_cents
        local = entry.occurred_at.astimezone(BERLIN)
        texts = entry.entry_id, entry.branch_name, entry.issuer_town_name, entry.programme_name
        writer.writerow(
            [
                _KINDS[entry.kind],
                format_day(local.date()),
                f"{local:%H:%M:%S}",
                *(_as_text(text) for text in texts),
                _decimal_comma(entry.amount_cents),
            ]
        )
    blank = [""] * (len(HEADER) - 2)
    for kind, sum_cents in sums.items():
        writer.writerow([f"Summe {_KINDS[kind]}", *blank, _decimal_comma(sum_cents)])
    writer.writerow(["Summe", *blank, _decimal_comma(sum(sums.values()))])
    return out.getvalue().encode("utf-8-sig", "replace")


def _decimal_comma(amount_cents: int) -> str:
    return format_decimal(amount_cents).replace(".", ",")


def _as_text(text: str) -> str:
    return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) else text
