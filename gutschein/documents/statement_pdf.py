"""A merchant's statement (Abrechnung) as an accessible A4 letter in German."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from gutschein.documents.printable import printable_line
from gutschein.documents.statement_words import after_this, percent, spaced_iban
from gutschein.documents.typst_pdf import render_pdf
from gutschein.kernel.clock import berlin_day, format_day
from gutschein.kernel.money import format_euro


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One programme of one town: counts, and sums as positive cents before the signs.

    Fee and VAT are what the merchant pays; they are negative when reversals outweigh.
    """

    programme_name: str
    issuer_town_name: str
    redemption_count: int
    redeemed_cents: int
    reversal_count: int
    reversed_cents: int
    fee_basis_points: int
    fee_cents: int
    vat_basis_points: int
    vat_cents: int

    @property
    def net_cents(self) -> int:
        """What the line leaves for the merchant."""
        return self.redeemed_cents - self.reversed_cents - self.fee_cents - self.vat_cents


class StatementSheet(msgspec.Struct, frozen=True, kw_only=True):
    """All that is printed on one statement.

    ``due_cents`` is all that is open for the merchant: carried in, returned by the bank,
    and the lines. It is split into ``payout_cents`` and ``carried_out_cents``.
    """

    town_name: str
    town_address: list[str]
    merchant_name: str
    merchant_address: list[str]
    statement_number: str
    period_from: date
    period_to: date  # inclusive
    lines: list[StatementLine]
    carried_in_cents: int  # negative when the merchant owed
    returned_cents: int  # earlier payouts that the bank sent back
    due_cents: int
    payout_cents: int
    carried_out_cents: int
    minimum_payout_cents: int
    iban: str | None  # in full: it is the merchant's own
    account_holder: str
    created_at: datetime


def statement_pdf(sheet: StatementSheet) -> bytes:
    """Write *sheet* as PDF/UA-1; table heads repeat on every page.

    :raises ValueError: when the sums of *sheet* contradict one another, or money is to be
        paid out without an account. A statement that does not add up is never printed.
    :raises DocumentError: when Typst refuses the document.
    """
    _refuse_contradiction(sheet)
    number = printable_line(sheet.statement_number)
    period = f"{format_day(sheet.period_from)} bis {format_day(sheet.period_to)}"
    data = {
        "title": f"Abrechnung {number}, {printable_line(sheet.merchant_name)}",
        "period": period,
        "town": printable_line(sheet.town_name),
        "town_address": [printable_line(line) for line in sheet.town_address],
        "merchant": printable_line(sheet.merchant_name),
        "merchant_address": [printable_line(line) for line in sheet.merchant_address],
        "facts": [
            ("Abrechnung Nr.", number),
            ("Zeitraum", period),
            ("Erstellt am", format_day(berlin_day(sheet.created_at))),
        ],
        "number": number,
        "what_happens": after_this(
            payout_cents=sheet.payout_cents,
            carried_out_cents=sheet.carried_out_cents,
            returned_cents=sheet.returned_cents,
            minimum_payout_cents=sheet.minimum_payout_cents,
            iban=spaced_iban(sheet.iban) if sheet.iban else None,
            account_holder=printable_line(sheet.account_holder),
            reference=number,
        ),
        "lines": [_row(line) for line in sheet.lines],
        "total": _total(sheet.lines),
        "balance": [
            ("Ergebnis dieses Zeitraums", format_euro(sum(x.net_cents for x in sheet.lines))),
            ("Übertrag aus der vorigen Abrechnung", format_euro(sheet.carried_in_cents)),
            ("Rückläufer: zurückgekommene Auszahlungen", format_euro(sheet.returned_cents)),
        ],
        "due": ("Offener Betrag", format_euro(sheet.due_cents)),
        "split": [
            ("Auszahlung", format_euro(sheet.payout_cents)),
            ("Vortrag auf die nächste Abrechnung", format_euro(sheet.carried_out_cents)),
        ],
    }
    return render_pdf("statement", data, created_at=sheet.created_at)


def _refuse_contradiction(sheet: StatementSheet) -> None:
    open_cents = (
        sheet.carried_in_cents + sheet.returned_cents + sum(x.net_cents for x in sheet.lines)
    )
    if open_cents != sheet.due_cents:
        raise ValueError(f"the lines leave {open_cents} cents, not {sheet.due_cents}")
    if sheet.payout_cents + sheet.carried_out_cents != sheet.due_cents:
        raise ValueError("payout and carried out are not what is due")
    if sheet.payout_cents < 0 or (sheet.payout_cents > 0 and not sheet.iban):
        raise ValueError("a payout is not negative, and needs an account")


def _row(line: StatementLine) -> dict[str, Any]:
    return {
        "programme": printable_line(line.programme_name),
        "town": printable_line(line.issuer_town_name),
        "cells": [
            str(line.redemption_count),
            format_euro(line.redeemed_cents),
            str(line.reversal_count),
            format_euro(-line.reversed_cents),
            percent(line.fee_basis_points),
            format_euro(-line.fee_cents),
            percent(line.vat_basis_points),
            format_euro(-line.vat_cents),
            format_euro(line.net_cents),
        ],
    }


def _total(lines: list[StatementLine]) -> list[str]:
    return [
        str(sum(line.redemption_count for line in lines)),
        format_euro(sum(line.redeemed_cents for line in lines)),
        str(sum(line.reversal_count for line in lines)),
        format_euro(-sum(line.reversed_cents for line in lines)),
        "",  # rates have no sum
        format_euro(-sum(line.fee_cents for line in lines)),
        "",
        format_euro(-sum(line.vat_cents for line in lines)),
        format_euro(sum(line.net_cents for line in lines)),
    ]
