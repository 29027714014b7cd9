"""The connection pool, and the role its connections have before a unit of work says another.

The service never acts as the owner of the tables: every connection takes one of the
roles of :mod:`gutschein.db.access`, whatever user the URL signs in with.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import URL, ExceptionContext, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

#: What a single statement or a wait for a lock may take before it is given up.
STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 10
#: How long a unit of work may do something else than ask the database.
IDLE_TIMEOUT_SECONDS = 60
#: The same of requests: what one has locked, nobody waits for much longer.
REQUEST_IDLE_SECONDS = 5


def asyncpg_url(database_url: str) -> URL:
    """Read any ``postgres://`` URL as one for asyncpg."""
    return make_url(database_url).set(drivername="postgresql+asyncpg")


def create_engine(
    database_url: str,
    *,
    role: str | None = "gutschein_app",
    pool_size: int = 10,
    statement_timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
    idle_timeout_seconds: int = IDLE_TIMEOUT_SECONDS,
) -> AsyncEngine:
    """Make a pool of connections that act as *role*; ``None`` stays the user of the URL.

    :param idle_timeout_seconds: between two statements of a unit of work. When its connection
        is lost without a word, what it has locked stays locked for so long.

    The role is a start-up parameter of the session, so that a reset of the session
    returns to it and never to the owner.
    """
    engine = create_async_engine(
        asyncpg_url(database_url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,  # an error is logged, and what was to be stored is not
        connect_args={
            "server_settings": session_settings(role, statement_timeout_seconds)
            | {"idle_in_transaction_session_timeout": f"{idle_timeout_seconds}s"}
        },
    )
    event.listen(engine.sync_engine, "handle_error", _doubt_all)
    return engine


def _doubt_all(context: ExceptionContext) -> None:
    """When a statement is given up, make all connections of the pool anew.

    Its connection may be lost without a word, and the others with it: each of them would
    have to be waited for as long.
    """
    if isinstance(context.original_exception, asyncio.CancelledError):
        context.invalidate_pool_on_disconnect = True


def session_settings(role: str | None, statement_timeout_seconds: int) -> dict[str, str]:
    """Return what every session of ours begins with."""
    settings = {
        "application_name": role or "gutschein_owner",
        "timezone": "UTC",
        "statement_timeout": f"{statement_timeout_seconds}s",
        "lock_timeout": f"{LOCK_TIMEOUT_SECONDS}s",
        "jit": "off",
    }
    return settings if role is None else settings | {"role": role}
