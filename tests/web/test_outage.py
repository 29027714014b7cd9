from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine

from gutschein.db.engine import create_engine
from gutschein.web.outage import is_outage


async def error_of(url: str, *statements: str) -> Exception:
    """Run statements in one transaction and return what the last of them raises."""
    engine = create_engine(url, role=None, pool_size=1)
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    except (OSError, DBAPIError) as error:
        return error
    finally:
        await engine.dispose()
    raise AssertionError("all of it went well")


@pytest.mark.parametrize(
    "url", ["postgresql://x@127.0.0.1:1/x", "postgresql://x@/x?host=/no/such/folder"]
)
async def test_no_server_is_an_outage(url: str) -> None:
    assert is_outage(await error_of(url, "SELECT 1"))


@pytest.mark.parametrize(
    "statements",
    [
        ("SET LOCAL statement_timeout = 10", "SELECT pg_sleep(9)"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1"),
        ("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$",),
        ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$",),
        ("DO $$ BEGIN RAISE SQLSTATE '53300'; END $$",),
    ],
)
async def test_what_may_pass_is_an_outage(database_url: str, statements: tuple[str, ...]) -> None:
    assert is_outage(await error_of(database_url, *statements))


@pytest.mark.parametrize(("severity", "passes"), [("FATAL", True), ("ERROR", False)])
def test_a_session_that_ends_with_an_internal_error_is_an_outage(
    severity: str, *, passes: bool
) -> None:
    """As PostgreSQL says at the start of a session on a full disk; a statement's is a mistake."""
    said = {"S": severity, "V": severity, "C": "XX000", "M": "could not write init file"}
    assert is_outage(asyncpg.PostgresError.new(said)) is passes


async def test_a_lock_that_is_not_given_in_time_is_an_outage(database_url: str) -> None:
    engine = create_engine(database_url, role=None, pool_size=1)
    async with engine.begin() as holder:
        await holder.execute(text("SELECT pg_advisory_xact_lock(4711)"))
        waited = await error_of(
            database_url, "SET LOCAL lock_timeout = 10", "SELECT pg_advisory_xact_lock(4711)"
        )
    await engine.dispose()
    assert is_outage(waited)


async def test_no_free_connection_is_an_outage(database_url: str) -> None:
    engine = create_async_engine(
        create_engine(database_url).url, pool_size=1, max_overflow=0, pool_timeout=0.05
    )
    async with engine.connect():
        with pytest.raises(PoolTimeout) as raised:
            await engine.connect()
    await engine.dispose()
    assert is_outage(raised.value)


@pytest.mark.parametrize(
    "statement",
    ["SELECT 1/0", "SELECT no_such_column", "DO $$ BEGIN RAISE unique_violation; END $$"],
)
async def test_a_mistake_of_ours_is_no_outage(database_url: str, statement: str) -> None:
    assert not is_outage(await error_of(database_url, statement))


def test_a_missing_file_is_no_outage() -> None:
    with pytest.raises(FileNotFoundError) as raised:
        Path("/no/such/file").read_bytes()
    assert not is_outage(raised.value)
    assert not is_outage(ValueError())
