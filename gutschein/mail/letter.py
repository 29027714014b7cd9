"""Letters: mails from templates, in the reader's language, as text and as HTML.

The templates of a package lie in ``gutschein/<package>/templates/mail``, each twice:
``placed.txt`` extends ``mail/frame.txt`` and ``placed.html`` extends ``mail/frame.html``, where
it is said what a letter can hold. See ``docs/explanation/letters.md``.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)

from gutschein.documents.contrast import palette
from gutschein.kernel.clock import format_day
from gutschein.kernel.errors import Language
from gutschein.kernel.money import format_euro
from gutschein.web.instants import format_instant
from gutschein.web.words import translations

_PACKAGE = Path(__file__).parents[1]
#: Blocks of a template that say nothing leave empty lines behind.
_MANY_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
#: The colour of a letter that no town sends.
_NO_TOWNS = "#004b93"


def letter(language: Language, template: str, **values: Any) -> tuple[str, str]:
    """Write a letter: as plain text and as an HTML document.

    :param template: package, folder and name without an ending, such as ``shop/mail/placed``.
    :param values: what the templates name. ``town`` is the town that writes, with ``name`` and
        ``brand_colour``, and ``foot`` lines that stand below, such as its address; both may be
        left out.
    :raises jinja2.UndefinedError: when a template names what is not there.
    """
    town = values.get("town")
    colours = palette(_NO_TOWNS if town is None else town.brand_colour)
    given = {"town": None, "foot": (), **values, "language": language, "colours": colours}
    templates = environment(language)
    text = templates.get_template(f"{template}.txt").render(given)
    text = _MANY_EMPTY_LINES.sub("\n\n", text.strip())
    return text + "\n", templates.get_template(f"{template}.html").render(given)


@cache
def environment(language: Language) -> Environment:
    """Return the templates of all packages, as letters in one language take them."""
    folders = {path.parent.name: path for path in _PACKAGE.glob("*/templates")}
    made = Environment(
        loader=PrefixLoader({name: FileSystemLoader(path) for name, path in folders.items()}),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "euro": lambda cents: format_euro(cents, language),
        "day": format_day,
        "instant": lambda instant: format_instant(instant, language),
    }
    return made
