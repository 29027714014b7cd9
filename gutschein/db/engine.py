"""The connection pool, and the role its connections have before a unit of work says another.

The service never acts as the owner of the tables: every connection takes one of the
roles of :mod:`gutschein.db.access`, whatever user the URL signs in with.
"""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

#: What a single statement or a wait for a lock may take before it is given up.
STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 10


def asyncpg_url(database_url: str) -> URL:
    """Read any ``postgres://`` URL as one for asyncpg."""
    return make_url(database_url).set(drivername="postgresql+asyncpg")


def create_engine(
    database_url: str,
    *,
    role: str | None = "gutschein_app",
    pool_size: int = 10,
    statement_timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
) -> AsyncEngine:
    """Make a pool of connections that act as *role*; ``None`` stays the user of the URL.

    The role is a start-up parameter of the session, so that a reset of the session
    returns to it and never to the owner.
    """
    return create_async_engine(
        asyncpg_url(database_url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,  # an error is logged, and what was to be stored is not
        connect_args={"server_settings": session_settings(role, statement_timeout_seconds)},
    )


def session_settings(role: str | None, statement_timeout_seconds: int) -> dict[str, str]:
    """Return what every session of ours begins with."""
    settings = {
        "application_name": role or "gutschein_owner",
        "timezone": "UTC",
        "statement_timeout": f"{statement_timeout_seconds}s",
        "lock_timeout": f"{LOCK_TIMEOUT_SECONDS}s",
        "idle_in_transaction_session_timeout": "60s",
        "jit": "off",
    }
    return settings if role is None else settings | {"role": role}
