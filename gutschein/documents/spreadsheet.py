"""Tables that a German spreadsheet opens as they are, and that run nothing there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from gutschein.kernel.clock import BERLIN, format_day
from gutschein.kernel.money import format_decimal

# A spreadsheet runs a cell that starts like this as a formula (OWASP, "CSV Injection"),
# in their full-width forms too.
_FORMULA_STARTS = tuple("=+-@＝＋－＠")  # noqa: RUF001


def spreadsheet(rows: Iterable[Sequence[str]]) -> bytes:
    """Write *rows* as CSV: UTF-8 with byte order mark, semicolons, lines that end as RFC 4180
    (2.1) says. Cells are written as they are; what people have entered goes through
    :func:`as_text` before.
    """
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def sum_rows(sums_cents: Mapping[str, int], columns: int) -> Iterator[Sequence[str]]:
    """Yield, for the foot of a table of so many columns, the sum of each kind and of all."""
    blank = [""] * (columns - 2)
    for kind, sum_cents in sums_cents.items():
        yield [f"Summe {kind}", *blank, decimal_comma(sum_cents)]
    yield ["Summe", *blank, decimal_comma(sum(sums_cents.values()))]


def as_text(text: str) -> str:
    """Return *text* for a cell, with an apostrophe in front where it would run as a formula."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) else text


def decimal_comma(amount_cents: int) -> str:
    """Write an amount as a German spreadsheet reads it: ``1234,50``."""
    return format_decimal(amount_cents).replace(".", ",")


def day_and_time(instant: datetime) -> tuple[str, str]:
    """Return day and time of day in Germany, for two cells.

    :raises ValueError: when *instant* carries no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    local = instant.astimezone(BERLIN)
    return format_day(local.date()), f"{local:%H:%M:%S}"
