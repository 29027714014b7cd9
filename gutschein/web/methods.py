"""HEAD and OPTIONS, the same on every route.

HEAD is answered as GET without the body (RFC 9110, section 9.3.2). ``Allow`` names all
methods of the address; Litestar's own answer to OPTIONS knows only those of the handler
that was registered first.
"""

from __future__ import annotations

from collections.abc import Iterable

from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import HttpMethod, ScopeType
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send


def allow(methods: Iterable[str]) -> str:
    """Write an ``Allow`` header; where there is GET, there is HEAD."""
    known = set(methods)
    return ", ".join(sorted(known | {"HEAD"} if "GET" in known else known))


def with_head_and_options(app: Litestar) -> ASGIApp:
    """Wrap the ASGI side of *app*."""
    inner = app.asgi_handler
    methods_of = {
        route.path_format: route.methods for route in app.routes if isinstance(route, HTTPRoute)
    }

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await inner(scope, receive, send)
            return
        asked = scope["method"]
        if asked not in {HttpMethod.HEAD, HttpMethod.OPTIONS}:
            await inner(scope, receive, send)
            return

        async def send_fitting(message: Message) -> None:
            if message["type"] == "http.response.body" and asked == HttpMethod.HEAD:
                message = {**message, "body": b""}
            if message["type"] == "http.response.start" and asked == HttpMethod.OPTIONS:
                methods = methods_of.get(scope.get("path_template", ""), ())
                MutableScopeHeaders.from_message(message)["allow"] = allow(methods)
            await send(message)

        if asked == HttpMethod.HEAD:
            scope["method"] = HttpMethod.GET
        await inner(scope, receive, send_fitting)

    return wrapped
