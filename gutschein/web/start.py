"""The start page."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get

from gutschein.web.guard import PUBLIC
from gutschein.web.pages import page, recognise


@get("/")
async def show_start(request: Request[Any, Any, Any]) -> Response[str]:
    """Show what this is, and the ways in."""
    await recognise(request)
    return page(request, "web/start.html")


router = Router("/", route_handlers=[show_start], include_in_schema=False, opt=dict(PUBLIC))
