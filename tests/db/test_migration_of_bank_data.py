"""A database with account numbers in clear is refused, not quietly kept half sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from gutschein.db.engine import create_engine
from gutschein.db.migrate import SchemaMismatch, migrate, migrations_folder
from tests.conftest import plain_url

BEFORE = "0016"

_TOWN = """
    INSERT INTO town (id, region_id, name, ags, trust_iban, trust_account_holder, street,
                      house_number, postcode, post_town, brand_colour, minimum_payout_cents,
                      created_at)
    SELECT gen_random_uuid(), id, 'Zwönitz', '14521710', 'DE02120300000000202051',
           'Stadt Zwönitz', 'Markt', '3', '08297', 'Zwönitz', '#1d4f91', 0, now()
    FROM region
"""


@pytest.fixture
async def before_url(server_url: str) -> AsyncIterator[str]:
    """A database as it was before bank data were sealed, with a region and no town."""
    name = f"before_{uuid4().hex}"
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name}")
    url = plain_url(server_url, name)
    engine = create_engine(url, role=None, pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(_migrate_to_before)
    await engine.dispose()
    owner = await asyncpg.connect(url)
    await owner.execute("INSERT INTO region VALUES (gen_random_uuid(), 'Erzgebirge', now())")
    await owner.close()
    yield url
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


def _migrate_to_before(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    command.upgrade(config, BEFORE)


async def _schema_of(url: str) -> str:
    owner = await asyncpg.connect(url)
    version = await owner.fetchval("SELECT version_num FROM alembic_version")
    await owner.close()
    return str(version)


async def test_a_database_without_towns_is_migrated(before_url: str) -> None:
    await migrate(before_url)
    assert await _schema_of(before_url) > BEFORE


async def test_a_database_with_account_numbers_in_clear_is_refused_and_left_alone(
    before_url: str,
) -> None:
    owner = await asyncpg.connect(before_url)
    await owner.execute(_TOWN)
    with pytest.raises(SchemaMismatch, match=r"account numbers in clear.* new, empty database\.$"):
        await migrate(before_url)
    assert await _schema_of(before_url) == BEFORE
    assert await owner.fetchval("SELECT trust_iban FROM town") == "DE02120300000000202051"
    await owner.close()
