"""Bring the schema to where the code is, and tell when it is not."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from gutschein.db.engine import create_engine


class SchemaMismatch(Exception):
    """Code and schema differ; the service must not start."""


def migrations_folder() -> Path:
    """Find the migrations: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def migrate(owner_url: str) -> None:
    """Run the missing migrations as the owner of the tables. There is no way back:
    books are never unmade (GoBD), a wrong migration is followed by a right one.

    :raises SchemaMismatch: when what the database holds cannot be brought up to date.
    """
    engine = create_engine(owner_url, role=None, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    except CommandError as error:
        raise SchemaMismatch(f"The schema cannot be migrated: {error}.") from error
    finally:
        await engine.dispose()


async def require_current_schema(engine: AsyncEngine) -> str:
    """Check that the database is exactly at the newest migration the code knows; return it.

    :raises SchemaMismatch: with the command to run.
    """
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    try:
        async with engine.connect() as connection:
            current = await connection.run_sync(
                lambda plain: MigrationContext.configure(plain).get_current_revision()
            )
    except DBAPIError as error:
        # A role that does not exist yet, or may not read the version: never migrated.
        if getattr(error.orig, "sqlstate", None) not in {"22023", "42501", "28000"}:
            raise
        current = None
    if current is None or current != newest:
        raise SchemaMismatch(
            f"The database is at schema {current or 'none'}, this version needs {newest}. "
            "Run: gutschein migrate"
        )
    return current
