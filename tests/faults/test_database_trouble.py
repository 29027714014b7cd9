"""PostgreSQL is frozen, or has no room left, or somebody holds what others need, under load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from cluster import Cluster, place
from disk import Disk, require_small_disk
from region import Region
from scene import Scene, rounds, staged
from separate_postgres import require_binaries
from service import SECONDS_TO_RECOVER, Service
from stage import Paper

pytestmark = pytest.mark.slow

FROZEN_SECONDS = 10
HELD_SECONDS = 8
NO_ROOM = "No space left on device"


async def test_the_database_is_frozen(scene: Scene) -> None:
    for dice in rounds():
        async with scene.under_load(dice):
            scene.cluster.freeze()
            await asyncio.sleep(FROZEN_SECONDS)
            scene.cluster.thaw()


async def test_a_forgotten_transaction_holds_one_voucher(scene: Scene) -> None:
    """Who comes with that voucher is turned away. Nobody else waits in vain; a few of those whose
    town has several batches waiting for it may have to come again.
    """
    paper = scene.region.papers[-1]
    for dice in rounds():
        before = {*scene.tills.bookings}
        async with scene.under_load(dice), held(scene, paper.id):
            await asyncio.sleep(HELD_SECONDS)
            await in_vain(scene, paper)
        others = [
            each for each in scene.tills.bookings if each not in before and paper not in each.papers
        ]
        assert not [each for each in others if each.waited]
        assert len([each for each in others if each.turned_away]) <= len(others) / 20


async def in_vain(scene: Scene, paper: Paper) -> None:
    """Wait until somebody has come with a voucher, and not been served."""
    async with asyncio.timeout(SECONDS_TO_RECOVER):
        while not any(  # noqa: ASYNC110 - tills come when they come
            each.is_in_doubt and (each.waited or each.turned_away)
            for each in scene.tills.bookings
            if paper in each.papers
        ):
            await asyncio.sleep(0.1)


@asynccontextmanager
async def held(scene: Scene, voucher_id: str) -> AsyncIterator[None]:
    """Hold a voucher's row, as a session does that its owner has walked away from."""
    connection = await asyncpg.connect(scene.cluster.url)
    try:
        async with connection.transaction():
            locked = await connection.execute(
                "SELECT FROM ledger_account WHERE id = $1 FOR UPDATE", UUID(voucher_id)
            )
            assert locked == "SELECT 1"
            yield
    finally:
        await connection.close()


@pytest.fixture
def small_disk() -> Iterator[Disk]:
    with place() as folder, require_small_disk(folder / "disk") as disk:
        yield disk


@pytest.fixture
async def crammed_scene(
    furnished_cluster: tuple[Cluster, Region], small_disk: Disk, tmp_path: Path
) -> AsyncIterator[Scene]:
    """A scene whose database lives on a small disk."""
    origin, region = furnished_cluster
    with place() as folder:
        cluster = Cluster(require_binaries(), folder, data=small_disk.folder / "data")
        cluster.copy_from(origin)
        await cluster.start()
        async with staged(region, cluster, Service(cluster.url, tmp_path)) as scene:
            yield scene
        await cluster.stop()


async def test_the_disk_is_full(crammed_scene: Scene, small_disk: Disk) -> None:
    """PostgreSQL may stop when it cannot write its log; whoever frees the disk starts it."""
    cluster = crammed_scene.cluster
    for dice in rounds():
        async with crammed_scene.under_load(dice):
            noticed = cluster.log.count(NO_ROOM)
            small_disk.fill()
            async with asyncio.timeout(SECONDS_TO_RECOVER):
                while cluster.log.count(NO_ROOM) == noticed:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)
            await asyncio.sleep(3 * dice.random())
            small_disk.free()
            if not cluster.is_running:
                await cluster.start()
