"""The separate PostgreSQL of the tests is new enough, durable, and gone afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
from separate_postgres import OLDEST, require_binaries, separate_postgres

from gutschein.db.engine import asyncpg_url


def test_it_is_a_real_server_of_its_own() -> None:
    async def look(url: str) -> tuple[str, str, int]:
        connection = await asyncpg.connect(url)
        try:
            return (
                await connection.fetchval("SHOW data_directory"),
                await connection.fetchval("SHOW fsync"),
                connection.get_server_version().major,
            )
        finally:
            await connection.close()

    with separate_postgres(require_binaries()) as url:
        plain = asyncpg_url(url).set(drivername="postgresql")
        folder, fsync, major = asyncio.run(look(plain.render_as_string()))
    assert fsync == "on"
    assert major >= OLDEST
    assert not Path(folder).exists()
