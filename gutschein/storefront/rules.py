"""What short names, categories and texts there are, and which text counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal, Protocol, TypeVar, get_args

SLUG_PATTERN = "[a-z0-9]+(-[a-z0-9]+)*"
SLUG_MAX = 60

TextKind = Literal["imprint", "privacy", "terms", "withdrawal", "accessibility"]
TEXT_KINDS: tuple[TextKind, ...] = get_args(TextKind)

Wheelchair = Literal["yes", "partly", "no"]

Category = Literal[
    "groceries",
    "bakery",
    "restaurant",
    "cafe",
    "clothing",
    "shoes",
    "books",
    "toys",
    "flowers",
    "crafts",
    "household",
    "electronics",
    "pharmacy",
    "hairdresser",
    "wellness",
    "culture",
    "sports",
    "services",
    "other",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)

_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o"})


def is_slug(text: str) -> bool:
    """Tell whether *text* has the form of a short name."""
    return len(text) <= SLUG_MAX and re.fullmatch(SLUG_PATTERN, text) is not None


@lru_cache(4_096)
def folded(text: str) -> str:
    """Return *text* as it is compared with what people type: without case and accents, with
    umlauts spelt out, words between single spaces.
    """
    return _plain(text.casefold().translate(_SPELT_OUT))


@lru_cache(4_096)
def searchable(*texts: str) -> str:
    """Return what a search in *texts* compares with: umlauts spelt out, and without dots."""
    joined = " ".join(texts)
    return " ".join(dict.fromkeys([*folded(joined).split(), *_plain(joined.casefold()).split()]))


def matches(words: str, known: str) -> bool:
    """Tell whether every one of the *words* stands in what :func:`searchable` made. An empty
    search matches everything.
    """
    return all(word in known for word in folded(words).split())


def slug_of(text: str) -> str:
    """Return the short name that somebody may mean who types *text* into an address."""
    return folded(text).replace(" ", "-")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    kept = (sign for sign in letters if unicodedata.category(sign) != "Mn")
    return " ".join("".join(sign if sign.isalnum() else " " for sign in kept).split())


class _Text(Protocol):
    @property
    def begins_at(self) -> datetime: ...


T = TypeVar("T", bound=_Text)


def text_in_force(texts: Sequence[T], now: datetime) -> T | None:
    """Return the text that counts: the newest that has begun, else the first to come.

    :param texts: of one kind and language, the oldest first.
    """
    begun = [each for each in texts if each.begins_at <= now]
    return begun[-1] if begun else next(iter(texts), None)
