"""Which of our two languages a caller reads."""

from __future__ import annotations

import re
from typing import get_args

from gutschein.kernel.errors import Language

_LANGUAGES: tuple[Language, ...] = get_args(Language)
_RANGE = re.compile(
    r"\s*(?P<tag>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(?P<weight>[01](?:\.\d{0,3})?)\s*)?",
    re.ASCII | re.IGNORECASE,
)


def preferred_language(accept_language: str) -> Language:
    """Read an ``Accept-Language`` header (RFC 9110, section 12.5.4); German unless asked.

    The heaviest range counts, the earlier of two as heavy; anything unreadable is passed
    over.
    """
    best: Language = "de"
    best_weight = 0.0
    for text in accept_language.split(","):
        found = _RANGE.fullmatch(text)
        if found is None:
            continue
        weight = float(found["weight"] or 1)
        primary = found["tag"].partition("-")[0].lower()
        for language in _LANGUAGES:
            if primary in {language, "*"} and weight > best_weight:
                best, best_weight = language, weight
    return best
