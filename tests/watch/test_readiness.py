from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fixtures import code_of
from litestar import Litestar

from gutschein.watch.requests import watched


async def test_it_is_not_ready_while_somebody_doubts_it(
    app: Litestar, anonymous: httpx.AsyncClient
) -> None:
    full = [False, False]
    app.state.doubts += [lambda: full[0], lambda: full[1]]
    try:
        assert (await anonymous.get("/health/ready")).status_code == 200
        full[1] = True
        response = await anonymous.get("/health/ready")
        assert (response.status_code, code_of(response)) == (503, "service.busy")
        assert (await anonymous.get("/health/live")).status_code == 200
        full[1] = False
        assert (await anonymous.get("/health/ready")).status_code == 200
    finally:
        del app.state.doubts[-2:]


@pytest.mark.parametrize(
    ("version", "is_stopping", "headers"),
    [
        ("1.1", False, [(b"Connection", b"keep-alive"), (b"x", b"1")]),
        ("1.1", True, [(b"x", b"1"), (b"connection", b"close")]),
        # RFC 9113, section 8.2.2: no such header there; the server itself says goodbye.
        ("2", True, [(b"Connection", b"keep-alive"), (b"x", b"1")]),
    ],
)
async def test_a_connection_is_to_be_closed_once_a_stop_is_told(
    version: str, is_stopping: bool, headers: list[tuple[bytes, bytes]]
) -> None:
    sent: list[Any] = []

    async def inner(_: Any, __: Any, send: Any) -> None:
        given = [(b"Connection", b"keep-alive"), (b"x", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": given})
        await send({"type": "http.response.body", "body": b"ok"})

    async def receive() -> None:
        pass

    async def send(message: Any) -> None:
        sent.append(message)

    asked = {"type": "http", "http_version": version, "headers": []}
    await watched(inner, lambda: is_stopping)(asked, receive, send)
    assert sent[0]["headers"] == headers
    assert sent[1] == {"type": "http.response.body", "body": b"ok"}


async def test_a_problem_document_names_its_request(anonymous: httpx.AsyncClient) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    for path in ("/nowhere", "/api/v1/regions"):
        answer = await anonymous.get(path, headers=headers)
        assert answer.is_client_error
        assert answer.headers["x-request-id"] == trace
