"""Sheets to print: real towns, invented shops and codes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import qrcode
from printed_page import NOON, URL

from gutschein.documents.statement_pdf import StatementLine, StatementSheet
from gutschein.documents.voucher_pdf import VoucherSheet

ARMS = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 12">
<path d="M0 0h10v7q0 3-5 5-5-2-5-5z" fill="#f4c20d"/><path d="M2 8l3-6 3 6z"/></svg>"""


@pytest.fixture(scope="session")
def voucher_sheet() -> Callable[..., VoucherSheet]:
    """Make a voucher; what is not named is that of Annaberg-Buchholz."""
    symbol = qrcode.QRCode(version=8, error_correction=0, border=0, mask_pattern=3)
    symbol.add_data(URL, optimize=0)
    symbol.make(fit=False)
    facts = {
        "town_name": "Annaberg-Buchholz",
        "region_name": "Erzgebirge",
        "programme_name": "Stadtgutschein",
        "value_cents": 2_500,
        "code_text": "7KQ2-M8XV-3HTP-ZR5C-9",
        "qr_url": URL,
        "qr_matrix": symbol.get_matrix(),
        "valid_until": date(2029, 12, 31),
        "serial": "ANA-2026-000123",
        "accepted_in": ["Annaberg-Buchholz", "Marienberg", "Zwönitz"],
        "issuer_lines": ["Große Kreisstadt Annaberg-Buchholz", "Markt 1", "09456 Annaberg"],
        "brand_colour": "#1b5e3f",
        "coat_of_arms_svg": ARMS,
    }
    return lambda **changes: VoucherSheet(**(facts | changes))


@pytest.fixture(scope="session")
def statement_line() -> Callable[..., StatementLine]:
    """Make a line: 1,234.50 EUR redeemed, 20.00 reversed, 3 % fee, 19 % VAT on it."""
    facts = {
        "programme_name": "Stadtgutschein",
        "issuer_town_name": "Annaberg-Buchholz",
        "redemption_count": 42,
        "redeemed_cents": 123_450,
        "reversal_count": 1,
        "reversed_cents": 2_000,
        "fee_basis_points": 300,
        "fee_cents": 3_644,
        "vat_basis_points": 1_900,
        "vat_cents": 692,
    }
    return lambda **changes: StatementLine(**(facts | changes))


@pytest.fixture(scope="session")
def statement_sheet(statement_line: Callable[..., StatementLine]) -> Callable[..., StatementSheet]:
    """Make a statement that adds up: paid out from 10 EUR on, otherwise carried."""

    def make(**changes: Any) -> StatementSheet:
        facts: dict[str, Any] = {
            "town_name": "Annaberg-Buchholz",
            "town_address": ["Markt 1", "09456 Annaberg-Buchholz"],
            "merchant_name": "Buchhandlung am Markt",
            "merchant_address": ["Buchholzer Straße 12", "09456 Annaberg-Buchholz"],
            "statement_number": "ABB-2026-11-0007",
            "period_from": date(2026, 11, 1),
            "period_to": date(2026, 11, 30),
            "lines": [statement_line()],
            "carried_in_cents": 0,
            "returned_cents": 0,
            "minimum_payout_cents": 1_000,
            "iban": "DE02120300000000202051",
            "account_holder": "Sabine Uhlig",
            "created_at": NOON,
        } | changes
        due_cents = facts["carried_in_cents"] + facts["returned_cents"]
        due_cents += sum(line.net_cents for line in facts["lines"])
        payout_cents = due_cents if due_cents >= facts["minimum_payout_cents"] else 0
        sums = {
            "due_cents": due_cents,
            "payout_cents": payout_cents,
            "carried_out_cents": due_cents - payout_cents,
        }
        return StatementSheet(**(sums | facts))

    return make
