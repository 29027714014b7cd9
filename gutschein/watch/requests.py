"""What is done with every request, outside of everything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from gutschein.watch import traces
from gutschein.watch.request_id import Scope, answering
from gutschein.watch.traces import App, Receive, Send


def watched(inner: App, stopping: Callable[[], bool], *, traced: bool = False) -> App:
    """Wrap the ASGI side of the service: log lines know their request, and a stop is told.

    While the service is about to stop, each answer asks for its connection to be closed
    (RFC 9112, section 9.6): whoever calls again is then answered by another process, and
    nobody's request meets a connection that is being closed.

    :param traced: whether every request has its span.
    """
    if traced:
        inner = traces.traced(inner)

    def answer(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            answering(scope)
            if stopping() and scope["http_version"].startswith("1"):
                return inner(scope, receive, _closing(send))
        return inner(scope, receive, send)

    return answer


def _closing(send: Send) -> Send:
    async def sent(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = [each for each in message["headers"] if each[0].lower() != b"connection"]
            message = {**message, "headers": [*headers, (b"connection", b"close")]}
        await send(message)

    return sent
