"""The redemption code: 80 random bits, and how people type them.

Written as 16 Crockford base32 characters and a check character, ``ABCD-EFGH-JKMN-PQRS-T``
(https://www.crockford.com/base32.html). The check is the code modulo 37. Five of the 37
check symbols are ``* ~ $ = U``, which nobody should have to find on a keyboard or spell on
the telephone, so a code that would need one is drawn again. That costs log2(37/32) = 0.21
of the 80 bits.

Because 37 is prime and larger than the alphabet, every single wrong character and every
swap of two neighbours is noticed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from gutschein.kernel.errors import Refusal

CODE_BYTES = 10

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS = 16  # 80 bits, five to a character, before the check character
_MODULUS = 37
_SEPARATORS = frozenset(" \t\r\n\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")

_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_VALUES |= {"O": 0, "I": 1, "L": 1}
_VALUES |= {character.lower(): value for character, value in _VALUES.items()}


def new_code(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Draw a redemption code of 10 bytes whose check is an ordinary character.

    :param random_bytes: returns as many random bytes as it is asked for.
    """
    while True:
        code = random_bytes(CODE_BYTES)
        if _check(code) < len(_ALPHABET):
            return code


def format_code(code: bytes) -> str:
    """Write a code for people: ``ABCD-EFGH-JKMN-PQRS-T``.

    :raises ValueError: when *code* is not 10 bytes, or is one that is never drawn
        (its check would not be an ordinary character).
    """
    if len(code) != CODE_BYTES:
        raise ValueError(f"a code has {CODE_BYTES} bytes, this has {len(code)}")
    if _check(code) >= len(_ALPHABET):
        raise ValueError("the check of this code is not an ordinary character")
    number = int.from_bytes(code)
    values = [number >> shift & 31 for shift in range(5 * (_CHARACTERS - 1), -1, -5)]
    text = "".join(_ALPHABET[value] for value in [*values, _check(code)])
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def parse_code(text: str) -> bytes:
    """Read a code as a person typed it, in either case.

    Spaces and hyphens or dashes of any kind may stand anywhere. O is read as 0, I and L as 1.

    :returns: the 10 bytes.
    :raises Refusal: ``code.typo``. Its ``position`` is the index into *text* of the first
        character that cannot be: one that is in no code, or the first after a whole code;
        the length of *text* when characters are missing. When every character could be and
        only the check disagrees, no place can be named and there is no ``position``.
    """
    values: list[int] = []
    for position, character in enumerate(text):
        if character in _SEPARATORS:
            continue
        value = _VALUES.get(character)
        if value is None or len(values) > _CHARACTERS:
            raise Refusal("code.typo", position=position)
        values.append(value)
    if len(values) <= _CHARACTERS:
        raise Refusal("code.typo", position=len(text))
    number = 0
    for value in values[:_CHARACTERS]:
        number = number << 5 | value
    if number % _MODULUS != values[_CHARACTERS]:
        raise Refusal("code.typo")
    return number.to_bytes(CODE_BYTES)


def _check(code: bytes) -> int:
    return int.from_bytes(code) % _MODULUS
