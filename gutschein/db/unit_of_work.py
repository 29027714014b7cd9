"""The unit of work: one request or job, one database transaction, one commit.

Services write through the connection they are given and never commit. The edge opens
the unit of work; leaving it commits, an exception rolls everything back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gutschein.db.access import NOTHING, Access

#: What services and repositories are handed: the connection inside a unit of work.
Work = AsyncConnection


#: Both end with the transaction, so a pooled connection forgets whom it acted for.
_ACT = text("SELECT set_config('role', :role, true), set_config('gutschein.towns', :towns, true)")


class Database:
    """The door to PostgreSQL, opened as far as an :class:`Access` goes.

    :param access: what units of work may touch; nobody's rows unless told.
    """

    def __init__(self, engine: AsyncEngine, access: Access = NOTHING) -> None:
        self._engine = engine
        self.access = access

    def acting(self, access: Access) -> Database:
        """Return the same database under another access."""
        return Database(self._engine, access)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[Work]:
        """Open a transaction; commit on leaving, roll back on any exception."""
        async with self._engine.begin() as work:
            await act(work, self.access)
            yield work

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        """Open one consistent view of the database that nothing can be written through."""
        async with self._engine.connect() as connection:
            work = await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            await act(work, self.access)
            yield work

    async def close(self) -> None:
        await self._engine.dispose()


async def act(work: Work, access: Access) -> None:
    """Let a unit of work touch what *access* allows, from here on to its end.

    Every unit of work begins with this. One that needs two kinds of access, such as to
    decide for a town and then to change a person's rights, changes over between them.
    """
    towns = ",".join(map(str, access.towns))
    await work.execute(_ACT, {"role": access.role, "towns": f"{{{towns}}}"})
