from __future__ import annotations

import asyncpg
import httpx
import pytest
from api_fixtures import Clock, app_on, code_of, started

from gutschein.db.migrate import SchemaMismatch


async def set_schema(url: str, version: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE alembic_version SET version_num = $1", version)
    await connection.close()


async def test_the_service_is_alive_and_ready(anonymous: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/health/ready"):
        response = await anonymous.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_it_is_not_ready_when_the_schema_moves_on_under_it(
    fresh_database_url: str, clock: Clock
) -> None:
    async with started(app_on(fresh_database_url, clock)) as client:
        assert (await client.get("/health/ready")).status_code == 200
        await set_schema(fresh_database_url, "9999")
        response = await client.get("/health/ready")
        assert (response.status_code, code_of(response)) == (503, "service.busy")
        assert (await client.get("/health/live")).status_code == 200


async def test_it_does_not_start_on_another_schema(fresh_database_url: str, clock: Clock) -> None:
    await set_schema(fresh_database_url, "0001")
    mismatch = pytest.RaisesExc(SchemaMismatch, match="Run: gutschein migrate")
    with pytest.RaisesGroup(mismatch):
        async with started(app_on(fresh_database_url, clock)):
            pass
