"""Money as integer cents.

Every amount in the code, the database and the API is a whole number of euro cents
in a variable that ends in ``_cents``. There is no float anywhere near money.
"""

from __future__ import annotations

import re
from typing import Literal

#: The largest integer every JSON reader keeps exactly (RFC 8259, section 6).
LARGEST_AMOUNT_CENTS = 2**53 - 1

#: Basis points of one whole: 10,000 bp are 100 %.
BASIS_POINTS = 10_000


_EUROS = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d{1,9})(?:,(\d{1,2}|-+))?\s*(?:€|EUR)?")
_EUROS_WITH_POINT = re.compile(r"(\d{1,9})\.(\d{2})\s*(?:€|EUR)?")


def is_amount(value: object) -> bool:
    """Tell whether *value* can be moved: an integer of 1 to 2^53 - 1 cents."""
    return type(value) is int and 1 <= value <= LARGEST_AMOUNT_CENTS


def share_half_up(amount_cents: int, basis_points: int) -> int:
    """Return the share of *amount_cents* in whole cents, rounded commercially.

    Half a cent is rounded away from zero (DIN 1333), so the share of a reversal is
    exactly the negative of the share of what it reverses.

    >>> share_half_up(1_250, 300)      # 3 % of 12.50 EUR are 37.5 cents
    38
    >>> share_half_up(-1_250, 300)
    -38
    """
    doubled = 2 * abs(amount_cents) * basis_points
    share_cents = (doubled + BASIS_POINTS) // (2 * BASIS_POINTS)
    return share_cents if amount_cents >= 0 else -share_cents


def format_euro(amount_cents: int, language: Literal["de", "en"] = "de") -> str:
    """Write an amount for people: ``1.234,50 €`` in German, ``1,234.50 €`` in English."""
    sign = "-" if amount_cents < 0 else ""
    euros, cents = divmod(abs(amount_cents), 100)
    text = f"{sign}{euros:,}.{cents:02d} €"
    return text if language == "en" else text.translate(_SWAP_SEPARATORS)


def format_decimal(amount_cents: int) -> str:
    """Write an amount for machines, as ISO 20022 and CSV readers expect it: ``1234.50``."""
    sign = "-" if amount_cents < 0 else ""
    euros, cents = divmod(abs(amount_cents), 100)
    return f"{sign}{euros}.{cents:02d}"


def written_euros(amount_cents: int) -> str:
    """Write an amount as people type it: ``12,50``."""
    return format_decimal(amount_cents).replace(".", ",")


def read_euros(text: str) -> int | None:
    """Read an amount as people type it: ``25``, ``12,50``, ``12.50``, ``1.250,00 €``.

    >>> read_euros("12,5"), read_euros("12.50"), read_euros("1.250"), read_euros("zwölf")
    (1250, 1250, 125000, None)

    :returns: cents, or ``None`` for what is no amount.
    """
    found = _EUROS_WITH_POINT.fullmatch(text.strip()) or _EUROS.fullmatch(text.strip())
    if found is None:
        return None
    cents = (found[2] or "").strip("-").ljust(2, "0")
    return int(found[1].replace(".", "")) * 100 + int(cents)


_SWAP_SEPARATORS = str.maketrans(",.", ".,")
