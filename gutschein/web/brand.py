"""A town's colour on its pages: a stylesheet that follows from the colour alone.

Pages may carry no inline style, so the colour comes as a file of its own, which browsers
keep for ever. Whatever the colour, what is written on it or in it can be read.
"""

from __future__ import annotations

import re

from litestar import Response, Router, get
from litestar.params import FromPath
from markupsafe import Markup

from gutschein.documents.contrast import TEXT_CONTRAST, WHITE, contrast, mix, palette
from gutschein.kernel.errors import Refusal
from gutschein.web.guard import PUBLIC

BRAND_PATH = "/farbe"
#: The ground of dark pages, as lightest as it gets: cards.
DARK_GROUND = "#1d2034"

_COLOUR = re.compile(r"#?(?P<digits>[0-9a-fA-F]{6})")


def brand_stylesheet(colour: str) -> Markup:
    """Return the element that gives a page the colour ``#rrggbb``.

    :raises ValueError: when *colour* has another form.
    """
    found = _COLOUR.fullmatch(colour)
    if found is None:
        raise ValueError(f"not a colour of the form #rrggbb: {colour!r}")
    path = f"{BRAND_PATH}/{found['digits'].lower()}.css"
    return Markup('<link rel="stylesheet" href="{}">').format(path)


def brand_css(colour: str) -> str:
    """Return the custom properties of the colour ``#rrggbb``, for light and dark pages."""
    light = palette(colour)
    accent = light.fill
    while contrast(accent, DARK_GROUND) < TEXT_CONTRAST:
        accent = mix(accent, WHITE, 5)
    return (
        f":root{{--brand-fill:{light.fill};--brand-ink:{light.ink};--brand-accent:{light.accent}}}"
        f"@media (prefers-color-scheme:dark){{:root{{--brand-accent:{accent}}}}}"
    )


@get("/{name:str}")
async def get_brand(name: FromPath[str]) -> Response[str]:
    """Return the stylesheet of one colour, such as ``0b5d3b.css``."""
    colour = name.removesuffix(".css")
    if colour == name or not re.fullmatch(r"[0-9a-f]{6}", colour):
        raise Refusal("request.not_found")
    return Response(
        brand_css(f"#{colour}"),
        media_type="text/css",
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )


router = Router(BRAND_PATH, route_handlers=[get_brand], include_in_schema=False, opt=dict(PUBLIC))
