"""A pool of bare asyncpg connections, for the one path where every round trip counts.

Its connections act as one role from their first moment to their last, so a transaction on
them begins with its first statement of its own. All else goes through
:mod:`gutschein.db.unit_of_work`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from gutschein.db.access import Access
from gutschein.db.engine import asyncpg_url, session_settings

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Record = asyncpg.Record

#: What the database refuses or fails with; see ``sqlstate``.
DatabaseError = asyncpg.PostgresError
DEADLOCK = asyncpg.DeadlockDetectedError
#: Somebody has held a row for longer than two batches are in one another's way. To try again
#: is no use to all who wait with the one that wants it.
HELD = asyncpg.LockNotAvailableError
#: Others were in the way: the same again may well succeed.
IN_THE_WAY = (asyncpg.SerializationError, DEADLOCK)
#: A key is there already.
TAKEN = asyncpg.UniqueViolationError
#: The connection is gone, or the server goes or comes: nobody knows whether it committed.
LOST = (
    OSError,
    asyncpg.InterfaceError,  # a lost connection is used, or one of a pool that is closed
    asyncpg.InternalClientError,  # a connection that broke off amid an answer is used again
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)


async def open_pool(
    database_url: str,
    access: Access,
    *,
    size: int,
    statement_timeout_seconds: int,
    settings: Mapping[str, str],
) -> Pool:
    """Open *size* connections that act as *access*.

    :param access: without towns: of a role that sees the rows of all towns it is for.
    :param settings: further ones of their sessions.
    :raises ValueError: for an access that names towns.
    """
    if access.towns:
        raise ValueError("a pooled connection acts for no town in particular")
    return await asyncpg.create_pool(
        asyncpg_url(database_url)
        .set(drivername="postgresql")
        .render_as_string(hide_password=False),
        min_size=1,
        max_size=size,
        reset=_leave_as_it_is,
        server_settings=session_settings(access.role, statement_timeout_seconds) | dict(settings),
    )


async def _leave_as_it_is(_: asyncpg.Connection[asyncpg.Record]) -> None:
    """Spare the round trip that would reset a session: transactions of ours leave nothing."""


@asynccontextmanager
async def connected(pool: Pool, within_seconds: float) -> AsyncIterator[Connection]:
    """Take a connection of *pool*; each statement on it is a transaction of its own.

    A connection that is lost, with or without a word, can be asked for nothing any more:
    not even, by the pool, to be made as new. It is thrown away. Where one is lost without a
    word, the others are too: all of the pool are made anew.

    :param within_seconds: longer than any statement may take; whatever takes longer is lost.
    :raises TimeoutError: one of :data:`LOST`.
    """
    try:
        async with asyncio.timeout(within_seconds), pool.acquire() as connection:
            is_whole = False
            try:
                yield connection
                is_whole = True
            except Exception as error:
                is_whole = not isinstance(error, LOST)
                raise
            finally:
                if not is_whole:
                    connection.terminate()
    except TimeoutError:
        await pool.expire_connections()
        raise


@asynccontextmanager
async def committing(pool: Pool, within_seconds: float) -> AsyncIterator[Connection]:
    """Open a transaction on a connection of *pool*; commit on leaving, roll back on a refusal.

    See :func:`connected`.
    """
    async with connected(pool, within_seconds) as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            yield connection
        except Exception as error:
            if not isinstance(error, LOST):
                await transaction.rollback()
            raise
        await transaction.commit()


async def pause(retry: int) -> None:
    """Wait before a retry, twice as long each time: 10 ms, 20 ms, 40 ms."""
    await asyncio.sleep(0.01 * 2**retry)
