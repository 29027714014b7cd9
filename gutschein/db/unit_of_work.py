"""The unit of work: one request or job, one database transaction, one commit.

Services write through the connection they are given and never commit. The edge opens
the unit of work; leaving it commits, an exception rolls everything back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

#: What services and repositories are handed: the connection inside a unit of work.
Work = AsyncConnection


class Database:
    """The door to PostgreSQL for one role."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[Work]:
        """Open a transaction; commit on leaving, roll back on any exception."""
        async with self._engine.begin() as work:
            yield work

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        """Open one consistent view of the database that nothing can be written through."""
        async with self._engine.connect() as connection:
            work = await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            yield work

    async def close(self) -> None:
        await self._engine.dispose()
