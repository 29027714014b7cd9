"""What a request may take: characters, headers, time to arrive and to be answered; and how
many a caller may send.

Granian refuses by itself a URL of more than 64 KiB, more than 100 headers and headers that
take longer than 30 seconds to arrive. It waits for a body as long as the connection lives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, ReceiveMessage, Scope, Send

from gutschein.kernel.errors import Refusal
from gutschein.limits.client import Connection
from gutschein.web.caller import Caller

#: Bytes of path and query: a token has 173, a form that is sent with GET some hundred.
URL_BYTES = 4096
HEADERS = 64
HEADER_BYTES = 16 * 1024

_SECONDS = "seconds"


def within(seconds: int) -> dict[str, Any]:
    """Return what a handler says in ``opt`` when its work may take longer than others'."""
    return {_SECONDS: seconds}


#: For handlers that issue, print, settle or audit a great many things at once.
LONG_WORK = within(240)


class RequestLimits(ASGIMiddleware):
    """Refuses what is too large or too slow.

    A request has *seconds* to arrive whole, and from then on as many until its answer
    begins. After that its handler is cancelled, and with it the unit of work: nothing of
    it stays. Work in a thread runs to its end, and nobody waits for it.

    :param seconds: for handlers that do not name a time of their own, see :func:`within`.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on, and stop it when its time is over.

        :raises Refusal: ``request.url_too_long``, ``request.headers_too_large``,
            ``request.timeout`` when it does not arrive, ``service.busy`` when it is not
            answered.
        """
        _check_size(scope)
        time = asyncio.get_running_loop().time
        seconds = scope["route_handler"].opt.get(_SECONDS, self._seconds)
        arrived_until = time() + self._seconds
        arriving = whole = False

        async def received() -> ReceiveMessage:
            nonlocal arriving, whole
            if not whole:
                arriving = True
                set_to(arrived_until)
            message = await receive()
            if arriving and not message.get("more_body"):
                arriving, whole = False, True
                set_to(time() + seconds)
            return message

        async def sent(message: Message) -> None:
            set_to(None)  # it is answered; how long that takes is the reader's affair
            await send(message)

        def set_to(end: float | None) -> None:
            if not clock.expired():
                clock.reschedule(end)

        clock = asyncio.timeout(seconds)
        try:
            async with clock:
                await next_app(scope, received, sent)
        except TimeoutError as error:
            if not clock.expired():
                raise
            raise Refusal("request.timeout" if arriving else "service.busy") from error


async def limited(
    connection: Connection,
    authenticate: Callable[[], Awaitable[Caller | None]],
    now: datetime,
) -> Caller | None:
    """Find out who calls, and refuse who was wrong too often or asks too much.

    Neither asks the database: see :mod:`gutschein.limits.credentials` and
    :mod:`gutschein.limits.local` for what holds across workers.

    :raises Refusal: ``limit.rate``, and what *authenticate* raises.
    """
    state = connection.app.state
    caller: Caller | None = await state.credentials.watched(connection, authenticate, now)
    if caller is not None:
        state.caller_limit.take(f"{caller.kind}:{caller.id}")
    return caller


def headers_fit(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Tell whether a request has as many header fields as one may have, and as long."""
    size = sum([len(name) + len(value) for name, value in headers])
    return len(headers) <= HEADERS and size <= HEADER_BYTES


def _check_size(scope: Scope) -> None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > URL_BYTES:
        raise Refusal("request.url_too_long", max_bytes=URL_BYTES)
    if not headers_fit(list(scope["headers"])):
        raise Refusal("request.headers_too_large", max_headers=HEADERS, max_bytes=HEADER_BYTES)
