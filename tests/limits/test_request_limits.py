"""Large and slow requests, on routes of the test's own behind the service's limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from api_fixtures import code_of
from litestar import Litestar, Request, get, post
from litestar.params import FromQuery
from sqlalchemy import text

from gutschein.db.access import AUDITOR, IDENTITY
from gutschein.db.unit_of_work import Database
from gutschein.limits.models import rate_limit
from gutschein.web.body import StrictRequest
from gutschein.web.problem import to_problem
from gutschein.web.request_limits import (
    HEADER_BYTES,
    HEADERS,
    URL_BYTES,
    RequestLimits,
    within,
)

KEY = b"slow".ljust(32)


@post("/echo")
async def echo(request: Request[Any, Any, Any]) -> str:
    return (await request.body()).decode()


@get("/sleep")
async def sleep(seconds: FromQuery[float]) -> str:
    await asyncio.sleep(seconds)
    return "awake"


@get("/patient", opt=within(60))
async def patient() -> str:
    await asyncio.sleep(1.3)
    return "awake"


@post("/write")
async def write(request: Request[Any, Any, Any]) -> str:
    await request.body()
    database: Database = request.app.state.database
    async with database.acting(IDENTITY).unit_of_work() as work:
        row = {"key": KEY, "used_until": datetime(2026, 12, 5, tzinfo=UTC)}
        await work.execute(rate_limit.insert(), row)
        await work.execute(text("SELECT pg_sleep(30)"))
    return "written"


@pytest.fixture
def limited() -> Litestar:
    return Litestar(
        [echo, sleep, patient, write],
        middleware=[RequestLimits(1)],
        request_class=StrictRequest,
        exception_handlers={Exception: to_problem},
        logging_config=None,
    )


@pytest.fixture
async def caller(limited: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=limited, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_what_is_in_time_passes(caller: httpx.AsyncClient) -> None:
    assert (await caller.post("/echo", content=b"Moin")).text == "Moin"
    assert (await caller.get("/sleep?seconds=0.01")).text == "awake"


async def test_a_long_address_is_refused(caller: httpx.AsyncClient) -> None:
    path = "/sleep?seconds=0&x="
    assert (await caller.get(path.ljust(URL_BYTES - len("/sleep"), "x"))).status_code == 200
    refused = await caller.get(path.ljust(URL_BYTES + 2, "x"))
    assert (refused.status_code, code_of(refused)) == (414, "request.url_too_long")


@pytest.mark.parametrize(
    "headers",
    [{f"x-{n}": "x" for n in range(HEADERS)}, {"cookie": "x" * HEADER_BYTES}],
)
async def test_many_and_large_headers_are_refused(
    caller: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    refused = await caller.get("/sleep?seconds=0", headers=headers)
    assert (refused.status_code, code_of(refused)) == (431, "request.headers_too_large")


async def test_a_body_that_trickles_in_is_refused(caller: httpx.AsyncClient) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.1)

    refused = await asyncio.wait_for(caller.post("/echo", content=trickle()), 20)
    assert (refused.status_code, code_of(refused)) == (408, "request.timeout")
    assert refused.headers["connection"] == "close"


async def test_a_handler_that_takes_too_long_is_stopped(caller: httpx.AsyncClient) -> None:
    refused = await asyncio.wait_for(caller.get("/sleep?seconds=30"), 20)
    assert (refused.status_code, code_of(refused)) == (503, "service.busy")
    assert refused.headers["retry-after"] == "1"


async def test_a_handler_may_ask_for_more_time(caller: httpx.AsyncClient) -> None:
    assert (await caller.get("/patient")).text == "awake"


async def test_nothing_stays_of_what_was_stopped(
    caller: httpx.AsyncClient, limited: Litestar, database: Database
) -> None:
    limited.state.database = database
    refused = await asyncio.wait_for(caller.post("/write", content=b"{}"), 20)
    assert (refused.status_code, code_of(refused)) == (503, "service.busy")
    async with database.acting(AUDITOR).reading() as work:
        found = await work.execute(
            text("SELECT count(*) FROM rate_limit WHERE key = :key"), {"key": KEY}
        )
        assert found.scalar_one() == 0
