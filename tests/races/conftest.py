"""A service with many connections to the database, so that requests really run at once."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from api_fixtures import Api, Clock, started
from everybody import PREPARE_EVERYBODY, Everybody
from separate_postgres import require_binaries, separate_postgres
from stage import Stage, new_stage

from gutschein.app import create_app
from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.migrate import migrate
from gutschein.kernel.clock import utc_now
from gutschein.secrets import Secrets
from gutschein.settings import Settings
from tests.conftest import MAKE_ROLE, _execute, plain_url

CONNECTIONS = 16


@asynccontextmanager
async def busy_stage(url: str, clock: Clock) -> AsyncIterator[Stage]:
    """A stage on its own service in this process, with many connections."""
    settings = Settings(data_dir=Path("/nowhere"), database_url=url, pool_size=CONNECTIONS)
    secrets = Secrets(key_encryption_key=bytes(32))
    app = create_app(settings, secrets=secrets, clock=clock)
    credentials = Everybody(url, clock)
    try:
        async with started(app) as client:
            client.auth = credentials
            yield await new_stage(Api(client), app, clock, url)
    finally:
        await credentials.close()


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    async with busy_stage(database_url, Clock()) as stage:
        yield stage


@pytest.fixture(scope="module", params=["embedded", "separate"])
def own_server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database on a server that is embedded, and on one that is not."""
    with _server(request.param) as url:
        asyncio.run(_execute(url, "CREATE DATABASE races"))
        own = plain_url(url, "races")
        asyncio.run(migrate(own))
        asyncio.run(_execute(own, MAKE_ROLE, *PREPARE_EVERYBODY))
        yield own


@contextmanager
def _server(kind: str) -> Iterator[str]:
    if kind == "separate":
        with separate_postgres(require_binaries()) as url:
            yield plain_url(url, "postgres")
        return
    with tempfile.TemporaryDirectory(prefix="gutschein-test-") as folder:
        server = EmbeddedPostgres(Path(folder))
        try:
            yield plain_url(server.start(), "postgres")
        finally:
            server.stop()


@pytest.fixture
async def stage_today(own_server_url: str) -> AsyncIterator[Stage]:
    """A stage on that server, at the time of the real clock."""
    clock = Clock()
    clock.now = utc_now()
    async with busy_stage(own_server_url, clock) as stage:
        yield stage
