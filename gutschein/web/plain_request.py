"""A request as plain as most are, for the few paths where the web framework's own costs more
than the work.

It knows what limits and credentials ask of a connection, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar
from litestar.types import Message, Receive, Scope, Send

from gutschein.kernel.errors import Language, Refusal
from gutschein.watch.metrics import count_refusal
from gutschein.watch.request_id import id_of
from gutschein.web.deadlines import Deadlines
from gutschein.web.language import preferred_language
from gutschein.web.problem import PROBLEM_MEDIA_TYPE, RETRY_AFTER_SECONDS, problem_of
from gutschein.web.request_limits import headers_fit

#: What is larger has no business on such a path.
MOST_BYTES = 4 * 1024


class PlainHeaders:
    """Header fields that occur once each, by their names in small letters."""

    __slots__ = ("_lines",)

    def __init__(self, lines: dict[bytes, bytes]) -> None:
        self._lines = lines

    def get(self, name: str, default: str = "") -> str:
        """Return a field as text."""
        line = self._lines.get(name.encode("latin-1"))
        return default if line is None else line.decode("latin-1")

    def getall(self, name: str, default: list[str]) -> list[str]:
        """Return the one line of a field, as a list."""
        line = self._lines.get(name.encode("latin-1"))
        return default if line is None else [line.decode("latin-1")]

    def __contains__(self, name: str) -> bool:
        return name.encode("latin-1") in self._lines


@dataclass(frozen=True, slots=True)
class Client:
    """Who holds the other end of the socket."""

    host: str


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """A request whose body has arrived."""

    app: Litestar
    scope: Scope
    headers: PlainHeaders
    content: bytes

    @property
    def client(self) -> Client | None:
        """Return who calls, as far as the socket tells."""
        peer = self.scope["client"]
        return Client(peer[0]) if peer else None

    async def body(self) -> bytes:
        """Return what was sent."""
        return self.content


def plain_headers(scope: Scope) -> dict[bytes, bytes] | None:
    """Return the header fields of a request that is plain; ``None`` for all others.

    Plain is one without a query, whose body is short and of a stated length, and whose
    fields occur once each.
    """
    lines: list[tuple[bytes, bytes]] = list(scope["headers"])
    headers = dict(lines)
    if len(headers) < len(lines) or scope["query_string"] or not headers_fit(lines):
        return None
    length = headers.get(b"content-length", b"")
    if not length.isdigit() or len(length) > 5 or not 0 < int(length) <= MOST_BYTES:
        return None
    return headers


async def short_body(receive: Receive, deadlines: Deadlines) -> bytes:
    """Receive a body that :func:`plain_headers` has found to be short.

    :param deadlines: for bodies to arrive.
    :raises Refusal: ``request.timeout``, or ``request.malformed`` when the caller goes before
        it is sent.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine that runs is one's of a task
    number = deadlines.begin(task.cancel)
    try:
        message = await receive()
        content = _part(message)
        while message.get("more_body"):
            message = await receive()
            content += _part(message)
    except asyncio.CancelledError as error:
        if deadlines.end(number):
            raise
        task.uncancel()
        raise Refusal("request.timeout") from error
    finally:
        deadlines.end(number)
    return content


def _part(message: Any) -> bytes:
    if message["type"] != "http.request":
        raise Refusal("request.malformed")
    part: bytes = message["body"]
    return part


async def answer(
    content: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    send: Send,
    *,
    status: int = 200,
    media_type: bytes = b"application/json",
) -> None:
    """Answer with JSON.

    :param headers: besides those of the content.
    """
    begin: Message = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", media_type),
            (b"content-length", b"%d" % len(content)),
            *headers,
        ],
    }
    await send(begin)
    await send({"type": "http.response.body", "body": content, "more_body": False})


async def turn_away(
    scope: Scope,
    headers: dict[bytes, bytes],
    always: Iterable[tuple[bytes, bytes]],
    send: Send,
) -> None:
    """Answer ``service.busy`` at once, before anything else is done; count it.

    :param headers: of the request.
    :param always: what every answer carries.
    """
    count_refusal("service.busy")
    language = preferred_language(headers.get(b"accept-language", b"").decode("latin-1"))
    own = (
        (b"x-request-id", id_of(scope).encode()),
        (b"retry-after", b"%d" % RETRY_AFTER_SECONDS),
        (b"content-language", language.encode()),
        (b"vary", b"Accept-Language"),
    )
    media_type = PROBLEM_MEDIA_TYPE.encode()
    await answer(_busy(language), (*own, *always), send, status=503, media_type=media_type)


@cache
def _busy(language: Language) -> bytes:
    return msgspec.json.encode(problem_of(Refusal("service.busy"), language))
