"""The guide for shops: one sheet of paper from which a cashier learns the till.

Its pictures are the till's own screens, in ``merchant_app/public/anleitung``.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get

from gutschein.kernel.errors import Language
from gutschein.web import static
from gutschein.web.guard import PUBLIC
from gutschein.web.language import reading_language
from gutschein.web.pages import page, recognise
from gutschein.web.till_app import TILL_PATH

GUIDE_PATH = f"{TILL_PATH}/anleitung"
SCREENS = ("scan", "amount", "green", "red", "today", "offline")


@get(GUIDE_PATH)
async def show_guide(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the guide, to be read or printed."""
    await recognise(request)
    return page(request, "web/guide.html", pictures=_pictures(reading_language(request)))


def _pictures(language: Language) -> dict[str, str]:
    """Return where each screen's picture is; the address changes with the picture."""
    found = {}
    for screen in SCREENS:
        name = f"anleitung/{language}/{screen}.png"
        version = static.files()[name].etag.strip('"')[:16]
        found[screen] = f"{static.STATIC_PATH}/{name}?{version}"
    return found


router = Router("/", route_handlers=[show_guide], include_in_schema=False, opt=dict(PUBLIC))
