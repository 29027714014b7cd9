"""What pages say: German in the source, English beside it in ``gutschein/locale/en``.

``locale/en/<package>.po`` holds the words of one package, ``web.po`` also those that several
share. They are read when the service starts; nothing has to be compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from litestar.connection import ASGIConnection

from gutschein.kernel.errors import Language
from gutschein.web.language import reading_language

LOCALE = Path(__file__).parents[1] / "locale"


def words(connection: ASGIConnection[Any, Any, Any, Any]) -> Callable[[str], str]:
    """Return what says a German text in the reader's language.

    Call it ``_``, so that its texts are found: ``_ = words(request)``.
    """
    return translations(reading_language(connection)).gettext


def german(text: str) -> str:
    """Mark a text of a table, which is said later, as one that has an English one beside it."""
    return text


@cache
def translations(language: Language) -> NullTranslations:
    """Return the translations into *language*; German stands in the source."""
    if language == "de":
        return NullTranslations()
    merged = Translations()
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as source:
            catalogue = read_po(source, locale=language)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        merged.merge(Translations(compiled))
    return merged
