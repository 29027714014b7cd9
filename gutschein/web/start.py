"""The start page: what this is, the towns to choose from, the ways in for those who work here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Request, Response, Router, get

from gutschein.web.guard import PUBLIC
from gutschein.web.pages import page, recognise

#: Finds the towns that have pages of their own, each with whether it is searched for.
TownsToChoose = Callable[[Request[Any, Any, Any], str], Awaitable[Sequence[Any]]]
_LONGEST_SEARCH = 100


@get("/")
async def show_start(request: Request[Any, Any, Any]) -> Response[str]:
    """Show what this is, the towns, and the ways in."""
    await recognise(request)
    asked = request.query_params.get("q", "").strip()[:_LONGEST_SEARCH]
    find: TownsToChoose | None = request.app.state.get("towns_to_choose")
    towns = [] if find is None else await find(request, asked)
    return page(request, "web/start.html", towns=towns, asked=asked)


router = Router("/", route_handlers=[show_start], include_in_schema=False, opt=dict(PUBLIC))
