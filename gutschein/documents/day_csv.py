"""A shop's day as a table that a German spreadsheet opens as it is."""

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

HEADER = (
    "Art",
    "Datum",
    "Uhrzeit",
    "Kennung",
    "Stadt",
    "Gutscheinart",
    "Nummer",
    "Gerät",
    "Kassenkraft",
    "Betrag",
)

_KINDS = {"redemption": "Einlösung", "reversal": "Storno"}


class DayEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One redemption or reversal.

    :param amount_cents: never negative, of a reversal neither.
    """

    kind: Literal["redemption", "reversal"]
    occurred_at: datetime  # aware
    entry_id: str
    issuer_town_name: str
    programme_name: str
    voucher_serial: int
    device_name: str
    cashier_name: str
    amount_cents: int


def day_csv(entries: Iterable[DayEntry]) -> bytes:
    """Write *entries* in the order given, reversals as negative amounts, then the sum of each
    kind and of both. Text and times as in :func:`gutschein.documents.statement_csv`.

    :raises ValueError: when an entry's time has no time zone.
    """
    sums = dict.fromkeys(_KINDS, 0)
    rows: list[Sequence[str]] = [HEADER]
    for entry in entries:
        amount_cents = -entry.amount_cents if entry.kind == "reversal" else entry.amount_cents
        sums[entry.kind] += amount_cents
        rows.append(
            [
                _KINDS[entry.kind],
                *day_and_time(entry.occurred_at),
                entry.entry_id,
                as_text(entry.issuer_town_name),
                as_text(entry.programme_name),
                str(entry.voucher_serial),
                as_text(entry.device_name),
                as_text(entry.cashier_name),
                decimal_comma(amount_cents),
            ]
        )
    rows.extend(sum_rows({_KINDS[kind]: sums[kind] for kind in _KINDS}, len(HEADER)))
    return spreadsheet(rows)
