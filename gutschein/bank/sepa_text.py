"""Text as every bank in SEPA accepts it.

The common character set is ``a-z A-Z 0-9 / - ? : ( ) . , ' +`` and space (EPC217-08, and
Anlage 3 of the German DFÜ-Abkommen). German banks may pass ``ä`` and ``ß`` on, others need
not, so German letters are spelt out the German way, which that Anlage names as the alternative.
"""

from __future__ import annotations

import re
import unicodedata

from gutschein.kernel.errors import Refusal

_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS"}
)

# What Unicode's decomposition (NFKD) leaves whole: letters with a stroke, ligatures, typography.
_LATIN = str.maketrans(
    dict(zip("łŁøØđĐðÐħĦŧŦŋŊĸ\u0131", "lLoOdDdDhHtTnNki", strict=True))
    | dict.fromkeys("\u2010\u2012\u2013\u2014\u2212_", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u02bc`", "'")
    | {"æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th"}
    | {"&": "+", "€": "EUR", "\u2044": "/", "·": "."}
)

_FORBIDDEN = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_SLASHES = re.compile(r"/{2,}")
_LETTER_OR_DIGIT = re.compile(r"[A-Za-z0-9]")

#: Marks that sit on a letter, and characters without a width, such as the soft hyphen.
_WITHOUT_SPACE = frozenset({"Mn", "Me", "Cf"})


def sepa_text(text: str, max_length: int) -> str:
    """Write *text* in the SEPA character set, at most *max_length* characters long.

    ``ä`` becomes ``ae``, ``é`` becomes ``e``, ``&`` becomes ``+``; any other character becomes a
    space, and spaces are collapsed. The result does not begin with ``/``, ``-`` or ``:`` (a line
    of a SWIFT message must not), does not end with ``/``, and has no ``//`` in it.

    :raises Refusal: ``sepa_text.empty`` when no letter and no digit is left.
    """
    latin = unicodedata.normalize("NFC", text).translate(_GERMAN)
    latin = unicodedata.normalize("NFKD", latin).translate(_LATIN)
    latin = "".join(c for c in latin if unicodedata.category(c) not in _WITHOUT_SPACE)
    clean = " ".join(_FORBIDDEN.sub(" ", latin).split())
    clean = _SLASHES.sub("/", clean).lstrip("/-: ")[:max_length].rstrip("/ ")
    if not _LETTER_OR_DIGIT.search(clean):
        raise Refusal("sepa_text.empty", text=text[:max_length])
    return clean
