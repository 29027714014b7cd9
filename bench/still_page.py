"""The floor of a page: the same address answering the same bytes, which are ready beforehand.

It is the service itself with another handler under that address: the same server, the web
framework, the same headers, but no database is asked and nothing is rendered.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from litestar import Litestar, Response, Router, get
from litestar.params import FromPath

from gutschein import app as service
from gutschein.web import health
from gutschein.web.guard import PUBLIC

#: Names the file that holds the page.
PAGE_VARIABLE = "BENCH_PAGE"


def wired(make: Callable[[], Litestar]) -> Litestar:
    """Wire the service with this one page and the routes of its health; see :mod:`bench.aimed`."""
    content = Path(os.environ[PAGE_VARIABLE]).read_text(encoding="utf-8")

    @get("/{slug:str}", sync_to_thread=False)
    def still(slug: FromPath[str]) -> Response[str]:  # noqa: ARG001 - as the page's own
        return Response(content, media_type="text/html")

    router = Router("/", route_handlers=[still], include_in_schema=False, opt=dict(PUBLIC))
    service.ROUTERS = (router, health.router)  # type: ignore[assignment]
    return make()
