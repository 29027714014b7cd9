"""GiroCode: a bank transfer as a QR code (EPC069-12, version 002 of its text, UTF-8).

A banking app that reads it fills in payee, account, amount and reference.
"""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, QRData

from gutschein.bank.iban import parse_iban
from gutschein.bank.rf_reference import is_reference
from gutschein.kernel.money import format_decimal

#: Rows of modules, a byte each: 1 is dark.
Matrix = tuple[bytes, ...]

_MOST_BYTES, _LARGEST_VERSION = 331, 13
_MOST_CENTS = 99_999_999_999


def girocode_text(
    *, name: str, iban: str, amount_cents: int, reference: str = "", text: str = "", bic: str = ""
) -> str:
    """Write what the code says: a creditor reference, or a text for the payee, or neither.

    :param name: of the payee, at most 70 characters.
    :param reference: a creditor reference (ISO 11649) without spaces.
    :param text: at most 140 characters.
    :param bic: of the payee's bank; no bank in the EEA needs it.
    :raises Refusal: ``iban.invalid``.
    :raises ValueError: for anything else that such a code cannot say.
    """
    if not 1 <= amount_cents <= _MOST_CENTS:
        raise ValueError(f"a GiroCode cannot ask for {amount_cents} cents")
    if reference and (text or not is_reference(reference)):
        raise ValueError("a GiroCode has one creditor reference, or a text")
    if len(bic) not in (0, 8, 11):
        raise ValueError(f"{bic!r} is no BIC")
    for value, longest in ((name, 70), (text, 140)):
        if len(value) > longest or any(not c.isprintable() for c in value):
            raise ValueError(f"more than one line of {longest} characters: {value!r}")
    if not name.strip():
        raise ValueError("a GiroCode names its payee")
    amount = f"EUR{format_decimal(amount_cents)}"
    lines = ["BCD", "002", "1", "SCT", bic, name, parse_iban(iban), amount, "", reference, text]
    # Nothing follows the last line that says something.
    written = "\n".join(lines).rstrip("\n")
    if len(written.encode()) > _MOST_BYTES:
        raise ValueError(f"a GiroCode holds {_MOST_BYTES} bytes, not {len(written.encode())}")
    return written


def girocode_matrix(text: str) -> Matrix:
    """Draw the code at level M, without the quiet zone of 4 modules that belongs around it.

    :param text: of :func:`girocode_text`.
    :returns: at most 69 rows of as many modules, dark ones 1.
    """
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    symbol.add_data(QRData(text.encode(), mode=MODE_8BIT_BYTE), optimize=0)
    symbol.make(fit=True)
    if symbol.version > _LARGEST_VERSION:
        raise ValueError(f"a GiroCode has at most version {_LARGEST_VERSION}")
    return tuple(map(bytes, symbol.get_matrix()))
