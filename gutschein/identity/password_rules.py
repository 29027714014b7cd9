"""Which passwords are refused: too short, too long, or among the first to be guessed.

OWASP ASVS 5.0, V6.2: at least twelve characters here, no rules of composition, none that is
common, none made of what everybody knows about its owner. Lists of common passwords hold
every word with every ending; here the words stand once, and what is counted is what a
password has beside them: beside known words, keyboard rows, sequences and years.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from gutschein.kernel.errors import Refusal

SHORTEST = 12
LONGEST = 128
#: What must be left beside known words: so many characters, so many different ones.
LEFT_AT_LEAST = 6
DIFFERENT_AT_LEAST = 5

_WORDS = Path(__file__).with_name("common_words.txt")
_SHORTEST_WORD = 3
_SHORTEST_RUN = 3
_ROWS = (
    "1234567890ß",
    '!"§$%&/()=?',
    "!@#$%^&*()",
    "qwertzuiopü",
    "qwertyuiop",
    "asdfghjklöä",
    "yxcvbnm",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
)
_NEIGHBOURS = frozenset(pair for row in _ROWS for a, b in pairwise(row) for pair in (a + b, b + a))
_LEET = str.maketrans("0134579@$!€", "oieastgasie")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_BETWEEN = frozenset(" \t-_.,;:!?+*#/'\"")


def normal_password(text: str) -> str:
    """Return a password as it is hashed: composed (NFC), so that every keyboard types it."""
    return unicodedata.normalize("NFC", text)


def check_password(text: str, known_of_owner: Iterable[str] = ()) -> None:
    """Refuse a password that is too easy to guess.

    :param known_of_owner: name, e-mail address, town: what an attacker tries first.
    :raises Refusal: ``password.short``, ``password.long``, ``password.common``,
        ``password.personal``.
    """
    password = normal_password(text)
    if len(password) < SHORTEST:
        raise Refusal("password.short", min=SHORTEST)
    if len(password) > LONGEST:
        raise Refusal("password.long", max=LONGEST)
    if _is_weak(password, _common_words()):
        raise Refusal("password.common")
    if _is_weak(password, _common_words() | _words_of(known_of_owner)):
        raise Refusal("password.personal")


def _is_weak(password: str, words: frozenset[str]) -> bool:
    left = _left_over(password, words)
    return len(left) < LEFT_AT_LEAST or len(set(left)) < DIFFERENT_AT_LEAST


def _left_over(password: str, words: frozenset[str]) -> str:
    """Return the characters that belong to no known word, run or year."""
    folded = _folded(password)
    plain = folded.translate(_LEET)
    known: set[int] = set()
    for word in words:
        for text in (folded, plain):
            begin = text.find(word)
            while begin >= 0:
                known.update(range(begin, begin + len(word)))
                begin = text.find(word, begin + 1)
    for found in _YEAR.finditer(folded):
        known.update(range(*found.span()))
    known.update(_in_runs(password.casefold()[: len(folded)]), _in_runs(folded))
    return "".join(
        each for index, each in enumerate(folded) if index not in known and each not in _BETWEEN
    )


def _in_runs(text: str) -> Iterable[int]:
    """Return the places of repeated, consecutive or neighbouring characters."""
    begin = 0
    for index in range(1, len(text) + 1):
        pair = text[index - 1 : index + 1]
        if index < len(text) and (pair[0] == pair[1] or pair in _NEIGHBOURS):
            continue
        if index - begin >= _SHORTEST_RUN:
            yield from range(begin, index)
        begin = index


def _folded(text: str) -> str:
    """Drop case and accents: ``Zwönitz`` and ``zwonitz`` are one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def _words_of(texts: Iterable[str]) -> frozenset[str]:
    words = {
        word
        for text in texts
        for spelling in (text, text.casefold().translate(_UMLAUTS))
        for word in re.split(r"[\W\d_]+", _folded(spelling))
    }
    return frozenset(word for word in words if len(word) >= _SHORTEST_WORD)


@cache
def _common_words() -> frozenset[str]:
    return frozenset(_WORDS.read_text(encoding="utf-8").split())
