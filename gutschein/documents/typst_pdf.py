"""The port to Typst: a template of ours and plain data become a PDF.

Every document is PDF/UA-1 (ISO 14289-1): tagged, titled, in a stated language, or it is
not written at all. The same data and the same ``created_at`` give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import typst

_TEMPLATES = Path(__file__).parent / "templates"

#: Printed in place of signs that none of our fonts can draw, such as emoji.
UNPRINTABLE = "□"

_MISSING_GLYPH = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_RUST_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
_RUST_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}

# Our fonts have these, so where the compiler names one it means the mark next to it. They
# are never replaced, or one odd message would take the digits out of a whole document.
_ALWAYS_PRINTABLE = re.compile(
    "[\u0020-\u007e\u00a0-\u017f\u0391-\u03a1\u03a3-\u03ce\u0400-\u045f\u2010-\u2026\u20ac\u25a1]"
)

# The last resort, for the few runs of right-to-left text with signs its font lacks on which
# Typst 0.15 panics: all but European letters, punctuation and symbols, without marks.
_BEYOND_EUROPE = re.compile("[^\u0000-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u20cf\u2100-\u2bff]+")

# One pass replaces all that the compiler names; the rest is room for what comes to light then.
_MOST_PASSES = 8


# Typst keeps what it has worked out for a document until ten others were made without it.
_DOCUMENTS_TO_FORGET = 11


class DocumentError(RuntimeError):
    """A document could not be made: the template, a colour or a picture is at fault."""


def render_pdf(template: str, data: Mapping[str, Any], *, created_at: datetime) -> bytes:
    """Fill ``templates/{template}.typ`` with *data* and return the PDF/UA-1 file.

    The template reads *data* as JSON, so text in it is only ever text: nothing a person
    typed is run as Typst markup. Signs without a glyph become :data:`UNPRINTABLE`,
    because PDF/UA-1 (section 7.21.8) forbids text that shows nothing.

    :param template: name of one of our templates, without folder and ending.
    :param data: anything msgspec writes as JSON.
    :param created_at: the aware instant the file states as its creation.
    :raises DocumentError: when Typst reports an error or a warning.
    """
    if created_at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    plain = msgspec.to_builtins(data)
    for _ in range(_MOST_PASSES):
        try:
            return _compile(template, plain, created_at)
        except typst.TypstError as error:
            named = _MISSING_GLYPH.findall(error.diagnostic)
            if not named:
                hints = "".join(f" ({hint})" for hint in error.hints)
                raise DocumentError(f"{template}: {error.message}{hints}") from error
            plain = _replace(plain, _without_glyph(named))
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # its class cannot be imported
                raise
            plain = _replace(plain, _BEYOND_EUROPE)
    raise DocumentError(f"{template}: Typst cannot set this text")


def forget() -> None:
    """Let Typst forget the documents it has made: about 1 MB for each page, of ten of them.

    For those who print one large document after another. It takes some milliseconds.
    """
    for _ in range(_DOCUMENTS_TO_FORGET):
        typst.compile(b"", font_paths=fonts(), ignore_system_fonts=True, format="pdf")


def _compile(template: str, plain: object, created_at: datetime) -> bytes:
    pdf, warnings = typst.compile_with_warnings(
        str(_TEMPLATES / f"{template}.typ"),
        root=str(_TEMPLATES),
        font_paths=fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": msgspec.json.encode(plain).decode()},
        pdf_standards=["ua-1"],
        timestamp=created_at.astimezone(UTC).replace(microsecond=0),  # as PDF dates are
    )
    if warnings:
        raise DocumentError(f"{template}: " + "; ".join(w.message for w in warnings))
    return bytes(pdf)


@cache
def fonts() -> typst.Fonts:
    """Fira Sans and what Typst carries itself: the fonts of the machine play no part."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(files("fontpkg_fira_sans") / "files")],
    )


def _without_glyph(named: list[str]) -> re.Pattern[str]:
    """Turn what the compiler names into a pattern of the signs to replace."""
    signs = _ALWAYS_PRINTABLE.sub("", "".join(_RUST_ESCAPE.sub(_unescape, t) for t in named))
    if not signs:
        return _BEYOND_EUROPE
    return re.compile(f"[{re.escape(''.join(sorted(set(signs))))}]+")


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return _RUST_CONTROLS.get(match[2], match[2])


def _replace(value: Any, missing: re.Pattern[str]) -> Any:
    match value:
        case str():
            return missing.sub(UNPRINTABLE, value)
        case list():
            return [_replace(item, missing) for item in value]
        case dict():
            return {key: _replace(item, missing) for key, item in value.items()}
        case _:
            return value
