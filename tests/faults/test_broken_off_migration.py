"""An upgrade that is broken off: the next release's migration is killed at any moment.

The database is then at the old schema or at the new one; a release serves on its own alone; and
the migration can simply be run again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import asyncpg
import httpx
import pytest
from cluster import Cluster, place
from next_release import SECONDS, Release, next_release, this_release
from region import Region
from scene import Scene, rounds, staged
from separate_postgres import require_binaries
from service import SECONDS_TO_RECOVER, Service

pytestmark = pytest.mark.slow

#: What is answered with what, by a release that does not know the schema.
EVERYTHING = {"/": 503, "/api/v1/errors": 503, "/health/ready": 503, "/health/live": 200}

_BOOKED = "SELECT count(*) FROM redemption"
_BUSY_OWNER = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'gutschein_owner' AND xact_start IS NOT NULL
"""
_SCHEMA = """
    SELECT (SELECT version_num FROM alembic_version), (
        SELECT count(*) FROM information_schema.columns
        WHERE (table_name, column_name)
            IN (('redemption', 'receipt'), ('voucher', 'colour'), ('reversal', 'receipt')))
"""


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return next_release(tmp_path_factory.mktemp("next_release"))


async def test_an_upgrade_is_killed_and_done_again(
    furnished_cluster: tuple[Cluster, Region], following: Release, tmp_path: Path
) -> None:
    this = this_release()
    for dice in rounds():
        async with own_scene(furnished_cluster, tmp_path) as scene:
            service = scene.service
            await refuses_to_serve(service, following)
            async with scene.under_load(dice):
                await kill_while_migrating(scene, following, dice)
                assert await schema_of(scene.cluster) in {(this.schema, 0), (following.schema, 3)}

                await migrate(service, following)
                assert await schema_of(scene.cluster) == (following.schema, 3)
                await turns_everything_away(scene)
                await service.stop()
                await refuses_to_serve(service, this)

                service.environment |= following.environment
                await service.start()


@asynccontextmanager
async def own_scene(origin: tuple[Cluster, Region], folder: Path) -> AsyncIterator[Scene]:
    """A scene that nobody else uses: an upgrade cannot be taken back."""
    with place() as own:
        cluster = Cluster(require_binaries(), own)
        cluster.copy_from(origin[0])
        await cluster.start()
        async with staged(origin[1], cluster, Service(cluster.url, folder)) as scene:
            yield scene
        await cluster.stop()


async def refuses_to_serve(service: Service, release: Release) -> None:
    """A release ends at once on a schema that is not its own, and says what to do."""
    code, said = await service.command("serve", **release.environment)
    assert (code, "Run: gutschein migrate" in said) == (1, True), said


async def kill_while_migrating(scene: Scene, release: Release, dice: Random) -> None:
    """Kill the command, or PostgreSQL under it, at any moment of the migration."""
    migration = await scene.service.begin("migrate", **release.environment)
    await until_it_has_begun(scene.cluster)
    await asyncio.sleep(dice.uniform(0, SECONDS))
    if dice.random() < 0.5:
        scene.cluster.kill()
        await scene.cluster.start()
    elif migration.returncode is None:
        migration.kill()
    await migration.communicate()


async def until_it_has_begun(cluster: Cluster) -> None:
    connection = await asyncpg.connect(cluster.url)
    ends = time.monotonic() + SECONDS_TO_RECOVER
    while not await connection.fetchval(_BUSY_OWNER):
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)
    await connection.close()


async def migrate(service: Service, release: Release) -> None:
    """Run the migration until it has gone through; under load it may not get its locks."""
    ends = time.monotonic() + SECONDS_TO_RECOVER
    code, said = await service.command("migrate", **release.environment)
    while code != 0:
        assert time.monotonic() < ends, said
        code, said = await service.command("migrate", **release.environment)


async def schema_of(cluster: Cluster) -> tuple[str, int]:
    """The schema's name, and how many of the new columns there are."""
    connection = await asyncpg.connect(cluster.url)
    row = await connection.fetchrow(_SCHEMA)
    await connection.close()
    assert row is not None
    return row[0], row[1]


async def turns_everything_away(scene: Scene) -> None:
    """A release books nothing on a schema that it does not know. It notices by itself: nobody
    asks whether it is ready.
    """
    connection = await asyncpg.connect(scene.cluster.url)
    async with asyncio.timeout(SECONDS_TO_RECOVER):
        before, booked = None, await connection.fetchval(_BOOKED)
        while booked != before:
            await scene.tills.turned_away()
            before, booked = booked, await connection.fetchval(_BOOKED)
    await connection.close()
    async with httpx.AsyncClient(base_url=scene.service.url) as caller:
        said = {path: (await caller.get(path)).status_code for path in EVERYTHING}
    assert said == EVERYTHING
