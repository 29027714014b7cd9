"""A place to measure at: a durable PostgreSQL of its own, migrated and otherwise empty."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil

from bench.measure import Place
from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.engine import asyncpg_url
from gutschein.db.migrate import migrate

#: Sees the rows of all towns, so that a whole region is furnished in one go.
ROLE = "gutschein_bench"

_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_IN_MEMORY = {"tmpfs", "ramfs", "devtmpfs"}
MAKE_ROLE = f"""
    DO $$ BEGIN
        CREATE ROLE {ROLE} NOLOGIN BYPASSRLS
            IN ROLE gutschein_app, gutschein_operator, gutschein_identity, gutschein_clearing;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
"""


class NotDurable(Exception):
    """What would be measured here is not what an operator gets."""


@contextmanager
def new_place(seconds: float, share: float) -> Iterator[Place]:
    """Start a PostgreSQL in a folder of its own; stop and remove it afterwards.

    The folder is where Python puts temporary files (``TMPDIR``).

    :raises NotDurable: when that is in memory, or the server would lose commits.
    """
    with tempfile.TemporaryDirectory(prefix="gutschein-bench-") as name:
        folder = Path(name)
        _require_disk(folder)
        with EmbeddedPostgres(folder) as server:
            url = plain_url(server.start())
            asyncio.run(_prepare(url))
            (folder / "work").mkdir()
            yield Place(url, folder / "work", seconds, share)


def plain_url(url: str, database: str | None = None) -> str:
    """Write a URL as asyncpg reads it, of another database of the same server if told."""
    parsed = asyncpg_url(url).set(drivername="postgresql")
    named = parsed if database is None else parsed.set(database=database)
    return named.render_as_string(hide_password=False)


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await _require_durable(connection)
        await migrate(url)
        await connection.execute(MAKE_ROLE)
    finally:
        await connection.close()


async def _require_durable(connection: asyncpg.Connection) -> None:
    found = {name: await connection.fetchval(f"SHOW {name}") for name in _DURABLE}
    if found != _DURABLE:
        raise NotDurable(f"PostgreSQL would lose commits: {found}")


def _require_disk(folder: Path) -> None:
    mounts = sorted(psutil.disk_partitions(all=True), key=lambda each: len(each.mountpoint))
    kind = [each.fstype for each in mounts if folder.resolve().is_relative_to(each.mountpoint)][-1]
    if kind in _IN_MEMORY:
        raise NotDurable(f"{folder} is in memory ({kind}): set TMPDIR to a folder on a disk")
