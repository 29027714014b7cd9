"""The QR code of a voucher (ISO/IEC 18004): always version 8, level M, alphanumeric.

One version for all keeps the printed size the same for every voucher. Level M survives
damage to about 15 % of the code words, which a folded voucher in a purse needs. What cameras
read of it is measured in ``docs/explanation/reading.md``.

The mask is fixed too. Any reader learns it from the format bits, and choosing the best of
the eight means building the symbol eight times: 8 to 14 ms instead of 1.5 to 2.5 ms, which
for a batch of 100,000 is the difference between four minutes and twenty. Nine tenths of a
token look random, so no mask is much worse than another; over 250 tokens with three
prefixes, mask 3 had the lowest mean penalty (7.8.3 of the standard: 1,760 points, against
1,642 for the best one each time) and the lowest maximum.
"""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_ALPHA_NUM, QRData

#: Rows of modules, a byte each: 1 is dark.
Matrix = tuple[bytes, ...]

VERSION = 8
MODULES = 17 + 4 * VERSION

_MASK = 3

#: Holds 38 characters at level M, where an activation code has 17.
_ACTIVATION_VERSION = 2


def qr_matrix(url: str) -> Matrix:
    """Draw the QR code of :func:`gutschein.signing.token.token_url`.

    :returns: 49 rows of 49 modules, dark ones 1, without the quiet zone.
    :raises ValueError: when *url* is longer than the 221 characters of version 8-M, or has
        characters beyond the alphanumeric mode.
    """
    return _matrix(url, VERSION)


def activation_matrix(code: str) -> Matrix:
    """Draw the small QR code of an activation code, as :func:`format_code` writes it.

    It holds the 17 characters without their hyphens: a scanner that types them types letters
    and digits alone, which stand in the same place on most keyboards.

    :returns: 25 rows of 25 modules, dark ones 1, without the quiet zone.
    :raises ValueError: as :func:`qr_matrix`, when *code* is longer than 38 characters.
    """
    return _matrix(code.replace("-", ""), _ACTIVATION_VERSION)


def _matrix(characters: str, version: int) -> Matrix:
    symbol = qrcode.QRCode(
        version=version, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=_MASK
    )
    symbol.add_data(QRData(characters, mode=MODE_ALPHA_NUM), optimize=0)
    try:
        symbol.make(fit=False)
    except DataOverflowError as error:
        raise ValueError(f"{len(characters)} characters are too many for the QR code") from error
    return tuple(map(bytes, symbol.get_matrix()))
