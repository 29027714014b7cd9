from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncpg
import httpx
import pytest
from api_fixtures import Clock, app_on, code_of, started
from litestar import Litestar

from gutschein.watch.requests import watched
from gutschein.web import health


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


async def set_schema(url: str, version: str) -> str:
    """Let the database be at another schema; return the one before."""
    connection = await asyncpg.connect(url)
    before = await connection.fetchval("SELECT version_num FROM alembic_version")
    await connection.execute("UPDATE alembic_version SET version_num = $1", version)
    await connection.close()
    return str(before)


async def status_of(caller: httpx.AsyncClient, path: str) -> int:
    return (await caller.get(path)).status_code


async def until_turned_away(caller: httpx.AsyncClient) -> None:
    while await status_of(caller, "/") == 200:  # noqa: ASYNC110 - it is the service that notices
        await asyncio.sleep(0.01)


async def test_once_the_schema_has_changed_nothing_is_done_until_the_next_start(
    fresh_database_url: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(health, "LOOK_EVERY", 0.02)
    served = {"/": 200, "/api/v1/errors": 200, "/health/ready": 200, "/health/live": 200}
    turned_away = dict.fromkeys(served, 503) | {"/health/live": 200}
    app = app_on(fresh_database_url, clock)
    with caplog.at_level(logging.ERROR):
        async with started(app) as caller, asyncio.timeout(60):
            assert {path: await status_of(caller, path) for path in served} == served
            own = await set_schema(fresh_database_url, "9999")
            await until_turned_away(caller)  # nobody asks whether it is ready
            assert {path: await status_of(caller, path) for path in served} == turned_away
            assert code_of(await caller.get("/api/v1/errors")) == "service.busy"
            await set_schema(fresh_database_url, own)
            await asyncio.sleep(0.1)
            assert {path: await status_of(caller, path) for path in served} == turned_away
    assert caplog.messages == [f"the schema has changed from {own} to 9999: restart"]
    async with started(app) as caller:
        assert {path: await status_of(caller, path) for path in served} == served


async def test_a_look_that_fails_is_told_and_done_again(
    fresh_database_url: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(health, "LOOK_EVERY", 0.02)
    async with started(app_on(fresh_database_url, clock)) as caller, asyncio.timeout(60):
        connection = await asyncpg.connect(fresh_database_url)
        await connection.execute("ALTER TABLE alembic_version RENAME TO hidden")
        while "cannot look at the schema" not in caplog.text:  # noqa: ASYNC110 - the service's word
            await asyncio.sleep(0.01)
        assert await status_of(caller, "/") == 200
        await connection.execute("ALTER TABLE hidden RENAME TO alembic_version")
        await connection.close()
        await set_schema(fresh_database_url, "9999")
        await until_turned_away(caller)


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
