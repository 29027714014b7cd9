"""The service over HTTP, in the test's own event loop and on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from random import randrange
from typing import Any
from uuid import uuid4

import httpx
import pytest
from everybody import Everybody
from litestar import Litestar

from gutschein.app import create_app
from gutschein.kernel.ids import new_id
from gutschein.secrets import Secrets
from gutschein.settings import Settings

IBAN = "DE89370400440532013000"
OTHER_IBAN = "DE02120300000000202051"
MAX_BODY_BYTES = 1 << 20


class Clock:
    """A clock that stands until it is set: a Saturday before Christmas, 10 o'clock."""

    def __init__(self) -> None:
        self.now = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Api:
    """A caller of the API. Every ``new_…`` makes a thing of plausible data and returns it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.client.post(path, json=body)

    async def made(self, path: str, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
        response = await self.post(path, body | changes)
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def new_region(self, **changes: Any) -> dict[str, Any]:
        return await self.made("/api/v1/regions", {"name": "Erzgebirge"}, **changes)

    async def new_town(self, region_id: str | None = None, **changes: Any) -> dict[str, Any]:
        """Make a town, in a region of its own unless told."""
        region_id = region_id or (await self.new_region())["id"]
        return await self.made(f"/api/v1/regions/{region_id}/towns", town_input(), **changes)

    async def new_merchant(self, town: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return await self.made(towns_path(town, "merchants"), merchant_input(), **changes)

    async def new_issuing_point(self, town: dict[str, Any], **changes: Any) -> dict[str, Any]:
        body = {"name": "Bürgerbüro"}
        return await self.made(towns_path(town, "issuing-points"), body, **changes)

    async def new_programme(self, town: dict[str, Any], **changes: Any) -> dict[str, Any]:
        body = {"name": "Stadtgutschein", "merchant_fee_basis_points": 300}
        return await self.made(towns_path(town, "programmes"), body, **changes)

    async def approved(
        self, town_id: str, terms: dict[str, Any], request_id: str | None = None
    ) -> dict[str, Any]:
        """Let one person ask for something and another approve it; return the request's end."""
        path = f"/api/v1/towns/{town_id}/approvals"
        body = {"id": request_id or fresh_id(), "reason": "Wie besprochen", "terms": terms}
        asked = await self.post(path, body)
        assert asked.is_success, asked.text
        word = {"fingerprint": asked.json()["fingerprint"]}
        done = await self.post(f"{path}/{asked.json()['id']}/approval", word)
        assert done.status_code == 200, done.text
        return dict(done.json())

    async def new_payment(self, town: dict[str, Any], **changes: Any) -> dict[str, Any]:
        body = {"method": "bank_transfer", "amount_cents": 2_500, "reference": "Überweisung 17"}
        return await self.made(towns_path(town, "payments"), body, **changes)


def towns_path(town: dict[str, Any], rest: str) -> str:
    return f"/api/v1/towns/{town['id']}/{rest}"


def town_input() -> dict[str, Any]:
    """A town with an AGS of its own: one in a hundred thousand meets a brother in its region."""
    return {
        "name": "Zwönitz",
        "ags": f"145{uuid4().int % 100_000:05}",
        "trust_iban": IBAN,
        "trust_account_holder": "Stadt Zwönitz",
        "address": address_input(),
    }


def merchant_input() -> dict[str, Any]:
    return {
        "name": "Buchladen am Markt",
        "address": address_input(),
        "branches": [{"name": "Markt 3"}],
        "payout_account": {"iban": IBAN, "account_holder": "Kerstin Beispiel"},
    }


def address_input() -> dict[str, Any]:
    return {
        "street": "Bahnhofstraße",
        "house_number": "12 a",
        "postcode": "08297",
        "post_town": "Zwönitz",
    }


def fresh_id() -> str:
    return str(new_id())


def code_of(response: httpx.Response) -> str:
    """The error code of a problem document; what is none fails here."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    return str(response.json()["code"])


def app_on(database_url: str, clock: Clock) -> Litestar:
    """The service on a database, not started."""
    settings = Settings(
        data_dir=Path("/nowhere"),
        database_url=database_url,
        pool_size=5,
        max_body_bytes=MAX_BODY_BYTES,
    )
    secrets = Secrets(key_encryption_key=bytes(32))
    return create_app(settings, secrets=secrets, clock=clock)


@asynccontextmanager
async def started(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Start the service and yield a caller without a token; stop it afterwards.

    Start and stop happen in one task of their own, as they do under a server.
    """
    ready, stop = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        async with app.lifespan():
            ready.set()
            await stop.wait()

    running = asyncio.create_task(run())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    # An address of one's own, so that tests do not share what is counted by address.
    address = str(ip_address(randrange(1 << 32)))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 50_000))
    try:
        if not running.done():
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield client
    finally:
        stop.set()
        await running


@asynccontextmanager
async def served(database_url: str, clock: Clock) -> AsyncIterator[Api]:
    """A service of one's own on a database, and a caller who is always somebody that may."""
    credentials = Everybody(database_url, clock)
    try:
        async with started(app_on(database_url, clock)) as client:
            client.auth = credentials
            yield Api(client)
    finally:
        await credentials.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def shared_app(database_url: str) -> Litestar:
    return app_on(database_url, Clock())


@pytest.fixture
def app(shared_app: Litestar, clock: Clock) -> Litestar:
    """The service on the shared database, with the test's clock; wired once for all tests."""
    shared_app.state.clock = clock
    return shared_app


@pytest.fixture
async def anonymous(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A caller without a token; the service runs for the length of the test."""
    async with started(app) as client:
        yield client


@pytest.fixture
async def everybody(database_url: str, clock: Clock) -> AsyncIterator[Everybody]:
    """The credentials of the shared database."""
    credentials = Everybody(database_url, clock)
    await credentials.forget()
    yield credentials
    await credentials.close()


@pytest.fixture
def api(anonymous: httpx.AsyncClient, everybody: Everybody) -> Api:
    """A caller who is always somebody that may."""
    anonymous.auth = everybody
    return Api(anonymous)
