"""Creditor references (ISO 11649): what a payer writes so that the payee knows what was paid.

``RF``, two check digits, and up to 21 letters and digits. The check digits are those of an IBAN
(ISO/IEC 7064, MOD 97-10) and tell every single wrong character and every swapped pair.
"""

from __future__ import annotations

import re

LONGEST = 25

_FORM = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}", re.ASCII)
_BEGINS = re.compile(r"RF(?=[0-9]{2})", re.ASCII)
_OTHER = re.compile(r"[^0-9A-Z]+", re.ASCII)


def make_reference(body: str) -> str:
    """Return the reference of a number of the payee's own: ``539007547034`` becomes
    ``RF18539007547034``.

    :param body: 1 to 21 digits and capital letters.
    :raises ValueError: for any other.
    """
    reference = f"RF{98 - _modulo(f'RF00{body}'):02d}{body}"
    if not _FORM.fullmatch(reference):
        raise ValueError(f"{body!r} cannot stand in a creditor reference")
    return reference


def is_reference(compact: str) -> bool:
    """Tell whether it has the form of a reference, in capitals without spaces, and checks."""
    return bool(_FORM.fullmatch(compact)) and _modulo(compact) == 1


def format_reference(reference: str) -> str:
    """Write it for people, in groups of four: ``RF18 5390 0754 7034``."""
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def compacted(text: str) -> str:
    """Return what of a text can stand in a reference, in capitals: payers set spaces, dashes
    and dots as they like, and banks break lines where they like.
    """
    return _OTHER.sub("", text.upper())


def references_in(text: str) -> list[str]:
    """Return every reference that a free text may mean, in the order they begin.

    Where words follow without an end to be seen, a reference can be read longer or shorter;
    each reading that checks is returned, the longest first. One in about 97 does so by chance,
    so whoever looks for a reference compares with those there are.
    """
    compact = compacted(text)
    found: list[str] = []
    for begin in _BEGINS.finditer(compact):
        longest = compact[begin.start() : begin.start() + LONGEST]
        found += [
            longest[:length]
            for length in range(len(longest), 4, -1)
            if is_reference(longest[:length])
        ]
    return list(dict.fromkeys(found))


def _modulo(reference: str) -> int:
    digits = "".join(str(int(each, 36)) for each in reference[4:] + reference[:4])
    return int(digits) % 97
