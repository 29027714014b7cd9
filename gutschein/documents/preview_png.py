"""The picture that messengers and social networks show beside a link to a town."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import typst

from gutschein.documents.contrast import palette
from gutschein.documents.printable import printable_line
from gutschein.documents.typst_pdf import fonts

_TEMPLATE = Path(__file__).parent / "templates" / "preview.typ"
#: The page is 600 by 315 points, which makes 1200 by 630 dots, as Open Graph readers like it.
_DOTS_PER_INCH = 144
_TOWNS_KEPT = 64


@lru_cache(_TOWNS_KEPT)
def preview_png(town: str, brand_colour: str) -> bytes:
    """Return the picture of a town in its colour ``#rrggbb``, 1200 by 630.

    :raises ValueError: when *brand_colour* has another form.
    """
    colours = palette(brand_colour)
    data = {
        "town": printable_line(town),
        "fill": colours.fill,
        "ink": colours.ink,
        "ornament": colours.ornament,
        "accent": colours.accent,
    }
    picture = typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=fonts(),
        ignore_system_fonts=True,
        format="png",
        ppi=_DOTS_PER_INCH,
        sys_inputs={"data": json.dumps(data)},
    )
    return bytes(picture)
