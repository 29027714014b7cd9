"""Which of our two languages a caller reads."""

from __future__ import annotations

import re
from typing import Any, get_args

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from gutschein.kernel.errors import Language

#: The query parameter that chooses a language, and the cookie that remembers it.
LANGUAGE_CHOICE = "sprache"

#: The cookie's name over HTTPS: no other host can set it (RFC 6265bis, section 4.1.3.2).
_FOR_THIS_HOST = f"__Host-{LANGUAGE_CHOICE}"
_REMEMBERED_SECONDS = 365 * 24 * 3600
_LANGUAGES: tuple[Language, ...] = get_args(Language)
_RANGE = re.compile(
    r"\s*(?P<tag>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(?P<weight>[01](?:\.\d{0,3})?)\s*)?",
    re.ASCII | re.IGNORECASE,
)


def reading_language(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Return the language of whoever reads a page: the one just chosen, else the one chosen
    before, else the browser's.
    """
    chosen = chosen_language(connection)
    if chosen is not None:
        return chosen
    wanted = connection.headers.get("accept-language", "")
    return remembered_language(connection) or preferred_language(wanted)


def remembered_language(connection: ASGIConnection[Any, Any, Any, Any]) -> Language | None:
    """Return the language that was chosen in this browser before."""
    cookies = connection.cookies
    return _known(cookies.get(_FOR_THIS_HOST)) or _known(cookies.get(LANGUAGE_CHOICE))


def language_cookie(language: Language, *, secure: bool) -> Cookie:
    """Return the cookie that remembers a language.

    :param secure: whether people reach the service by HTTPS.
    """
    return Cookie(
        key=_FOR_THIS_HOST if secure else LANGUAGE_CHOICE,
        value=language,
        max_age=_REMEMBERED_SECONDS,
        path="/",
        samesite="lax",
        httponly=True,
        secure=secure,
    )


def chosen_language(connection: ASGIConnection[Any, Any, Any, Any]) -> Language | None:
    """Return the language that this very request chooses, if it does."""
    return _known(connection.query_params.get(LANGUAGE_CHOICE))


def _known(text: object) -> Language | None:
    return next((language for language in _LANGUAGES if language == text), None)


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
