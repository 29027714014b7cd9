"""A real PostgreSQL for every test that needs one.

One embedded server for each test process, one database migrated once. Tests share it and
keep out of one another's way by making regions of their own; a test that looks at the
whole database, or breaks it, takes a copy.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from everybody import PREPARE_EVERYBODY

from gutschein.db.access import Access
from gutschein.db.engine import asyncpg_url, create_engine
from gutschein.db.migrate import migrate
from gutschein.db.unit_of_work import Database

TEMPLATE = "gutschein_template"

#: A role that may do what the service may, and sees the rows of all towns.
TESTS = "gutschein_tests"
MAKE_ROLE = f"""
    DO $$ BEGIN
        CREATE ROLE {TESTS} NOLOGIN BYPASSRLS
            IN ROLE gutschein_app, gutschein_operator, gutschein_identity, gutschein_clearing;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
"""


def plain_url(url: str, database: str) -> str:
    """Name another database of the same server, as asyncpg reads it."""
    named = asyncpg_url(url).set(drivername="postgresql", database=database)
    return named.render_as_string(hide_password=False)


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files with slow tests begin first, so that none is waited for at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The server's maintenance database, as its superuser."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield plain_url(given, "postgres")
        return
    from gutschein.db.embedded import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="gutschein-test-") as folder:
        server = EmbeddedPostgres(Path(folder))
        try:
            yield plain_url(server.start(), "postgres")
        finally:
            server.stop()


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated, empty database that is only ever copied."""
    name = f"{TEMPLATE}_{uuid4().hex[:8]}"

    async def prepare() -> None:
        await _execute(server_url, f"CREATE DATABASE {name}")
        await migrate(plain_url(server_url, name))
        await _execute(plain_url(server_url, name), MAKE_ROLE, *PREPARE_EVERYBODY)

    asyncio.run(prepare())
    yield name
    asyncio.run(_execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def database_url(server_url: str, template: str) -> Iterator[str]:
    """The database that most tests share, as its owner."""
    name = f"{template}_shared"
    asyncio.run(_execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield plain_url(server_url, name)
    asyncio.run(_execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def fresh_database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """A database of one's own, as its owner."""
    name = f"fresh_{uuid4().hex}"
    await _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield plain_url(server_url, name)
    await _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


ConnectAs = Callable[..., Awaitable[Database]]


@pytest.fixture
async def connect() -> AsyncIterator[ConnectAs]:
    """Open databases that are closed again after the test."""
    opened: list[Database] = []

    async def open_database(url: str, role: str | None = TESTS, pool_size: int = 10) -> Database:
        """As *role* without towns, or as the owner of the tables (``None``)."""
        engine = create_engine(url, role=role, pool_size=pool_size)
        opened.append(Database(engine, Access(role or "none")))  # type: ignore[arg-type]
        return opened[-1]

    yield open_database
    for database in opened:
        await database.close()


@pytest.fixture
async def database(connect: ConnectAs, database_url: str) -> Database:
    """The shared database, with the rights of the service in every town."""
    return await connect(database_url)


@pytest.fixture
async def fresh_database(connect: ConnectAs, fresh_database_url: str) -> Database:
    """A database of one's own, with the rights of the service in every town."""
    return await connect(fresh_database_url)
