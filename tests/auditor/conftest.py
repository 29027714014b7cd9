"""The books of :mod:`scenario` in a database, and a connection that breaks them at will."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from desk import Desk
from scenario import Scenario
from sqlalchemy.ext.asyncio import create_async_engine

from gutschein.db.engine import asyncpg_url


async def _write(server_url: str, template: str, name: str) -> str:
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    await server.close()
    url = asyncpg_url(server_url).set(drivername="postgresql", database=name)
    plain = url.render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    await Scenario().write(connection)
    await connection.execute("ANALYZE")
    await connection.close()
    return plain


@pytest.fixture(scope="session")
def books_url(server_url: str, template: str) -> str:
    """A database with the clean books in it, as its owner. What a test commits there, it undoes."""
    return asyncio.run(_write(server_url, template, f"{template}_books"))


@pytest.fixture(scope="session")
def ids() -> dict[str, str]:
    """The ids of all rows by their names, and one more that nothing has."""
    story = Scenario()
    story.id("nowhere")
    return {name: str(id_) for name, id_ in story.ids.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(books_url: str, ids: dict[str, str]) -> AsyncIterator[Desk]:
    # As a replica the database fires none of its triggers. The same plans serve every audit.
    session = {
        "session_replication_role": "replica",
        "plan_cache_mode": "force_generic_plan",
        "jit": "off",
    }
    engine = create_async_engine(
        asyncpg_url(books_url),
        isolation_level="REPEATABLE READ",
        connect_args={"server_settings": session, "prepared_statement_cache_size": 500},
    )
    async with engine.connect() as connection:
        yield Desk(connection, ids)
    await engine.dispose()
