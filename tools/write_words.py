"""Gather the German texts of all pages, and bring the English catalogues up to date.

``python tools/write_words.py`` adds what is new to ``gutschein/locale/en/<package>.po``,
with no translation yet, and drops what no page says any more. A test fails until every text
has its English one.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gutschein"
ENGLISH = PACKAGE / "locale" / "en"
#: Whose texts other packages may say too.
SHARED = "web"

_METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "*.py": ("python", {}),
    "templates/**": (
        "jinja2.ext:babel_extract",
        {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"},
    ),
}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "german": None,
}
Message = str | tuple[str, ...]


def said() -> dict[str, dict[Message, list[str]]]:
    """Return what each package says, with the places where it does."""
    found: dict[str, dict[Message, list[str]]] = {}
    templates = [*PACKAGE.glob("*/templates/**/*.html"), *PACKAGE.glob("*/templates/**/*.txt")]
    for path in sorted(PACKAGE.rglob("*.py")) + sorted(templates):
        parts = path.relative_to(PACKAGE).parts
        package = parts[0] if len(parts) > 1 else SHARED
        method, options = _METHODS["*.py" if path.suffix == ".py" else "templates/**"]
        for _, message, _, _ in extract_from_file(method, path, _KEYWORDS, options=options):
            places = found.setdefault(package, {}).setdefault(message, [])
            place = str(path.relative_to(ROOT))
            if place not in places:
                places.append(place)
    return found


def catalogue(package: str) -> Catalog:
    """Return the English catalogue of a package as it stands."""
    path = ENGLISH / f"{package}.po"
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as source:
        return read_po(source, locale="en")


def main() -> None:
    messages = said()
    shared = messages.get(SHARED, {})
    known = catalogue(SHARED)
    for package in sorted({*messages, *(path.stem for path in ENGLISH.glob("*.po"))}):
        before, after = catalogue(package), Catalog(locale="en", fuzzy=False)
        for message, places in messages.get(package, {}).items():
            if package != SHARED and (message in shared or _is_shared(known, message)):
                continue
            old = before.get(message)
            after.add(
                message,
                old.string if old and not old.fuzzy else None,
                locations=[(place, None) for place in places],  # type: ignore[misc]
            )
        if package == SHARED:
            _keep_shared(before, after, messages)
        _write(ENGLISH / f"{package}.po", after)


def _is_shared(known: Catalog, message: Message) -> bool:
    return known.get(message) is not None


def _keep_shared(
    before: Catalog, after: Catalog, messages: dict[str, dict[Message, list[str]]]
) -> None:
    """Keep in the shared catalogue what only others say."""
    everything = {message for each in messages.values() for message in each}
    for message in before:
        if message.id and message.id in everything and after.get(message.id) is None:
            after.add(message.id, message.string)


def _write(path: Path, after: Catalog) -> None:
    if not len(after):
        path.unlink(missing_ok=True)
        return
    written = BytesIO()
    write_po(written, after, width=98, omit_header=True, include_lineno=False)
    header = (
        "# English beside the German of the pages; written by tools/write_words.py.\n"
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + written.getvalue().lstrip(b"\n"))


if __name__ == "__main__":
    main()
